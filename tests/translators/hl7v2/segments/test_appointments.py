import pytest

from gateway.clinical import FactKind, FactStatus, Name, Participant, Reading
from tests.translators.hl7v2.messages import details, header, read_payload, told
from translators.hl7v2.codes import APPOINTMENT, APPOINTMENT_EVENT, WITHDRAWN


def siu(event: str, *segments: str) -> Reading:
    return read_payload("\r".join([header(f"SIU^{event}"), *segments]).encode())


SCH = "SCH|A1|B1|||||CHECKUP^Annual check-up^L|NORMAL^Routine visit^L|30|min|^^30^202604010900^202604010930"


def test_an_appointment_names_service_time_place_and_staff() -> None:
    reading = siu(
        "S12",
        SCH,
        "NTE|1||bring medication list",
        "PID|1||MRN1||TEST^PATIENT",
        "PV1|1|O",
        "RGS|1",
        "AIS|1||99213^Office visit^C4|202604010900",
        "AIS|2||93000^ECG^C4|202604010920",
        "AIL|1||CLINIC^3^^RIVERSIDE",
        "AIP|1||77^LEE^KIM|^Cardiologist",
    )
    (found,) = reading.facts
    assert (found.kind, found.text, found.origin) == (FactKind.APPOINTMENT, "Office visit", "SCH[1]")
    assert (found.time, found.end) == ("2026-04-01T09:00", "2026-04-01T09:30")
    assert (found.status, found.status_sent) == (FactStatus.PLANNED, "MSH-9=SIU^S12")
    assert details(found) == [
        ("reason", "Annual check-up"),
        ("comment", "also ECG"),
        ("location", "CLINIC 3, RIVERSIDE"),
        ("frequency", "for 30"),
        ("comment", "bring medication list"),
    ]
    assert reading.encounter is not None
    assert reading.encounter.participants == (
        Participant(role="Cardiologist", name=Name(family="LEE", given=("KIM",))),
    )


@pytest.mark.parametrize("event", APPOINTMENT_EVENT)
def test_every_event_gives_its_status(event: str) -> None:
    reading = siu(event, SCH)
    if APPOINTMENT_EVENT[event] is WITHDRAWN:
        assert told(reading) == [("SCH[1]", "withdrawn", f"MSH-9=SIU^{event} Routine visit")]
    else:
        assert [each.status for each in reading.facts] == [APPOINTMENT_EVENT[event]]


@pytest.mark.parametrize("code", APPOINTMENT)
def test_a_status_that_is_sent_goes_before_the_event(code: str) -> None:
    reading = siu("S14", SCH + "|" * 14 + code.capitalize())
    if APPOINTMENT[code] is WITHDRAWN:
        assert [each[1] for each in told(reading)] == ["withdrawn"]
    else:
        assert [(each.status, each.status_sent) for each in reading.facts] == [
            (APPOINTMENT[code], f"SCH-25={code}")
        ]


def test_parts_of_no_appointment_are_listed() -> None:
    assert told(siu("S12", "AIS|1||99213^Office visit^C4")) == [
        ("AIS[1]", "invalid", "AIS without the segment it belongs to")
    ]
