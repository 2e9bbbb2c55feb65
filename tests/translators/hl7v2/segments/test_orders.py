import pytest

from gateway.clinical import FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact, read, told
from translators.hl7v2.codes import ORDER, ORDER_CONTROL, REPORT, WITHDRAWN

OBR = "OBR|1|P1|F1|24627-2^CT Chest^LN|S|20260314090000|||||||possible PE|||||||||||||||20260314100000|||^Dyspnea"
OBX = "OBX|1|NM|2823-3^Potassium^LN||6.8||||||F"


def test_an_order_keeps_when_why_and_how_urgent() -> None:
    found = fact(
        "ORC|NW|P1|||||||20260314085500",
        "TQ1|1||||||20260314110000||S^Stat^HL70078",
        "OBR|1|P1||24627-2^CT Chest^LN|||||||||possible PE||||||||||||||||||^Dyspnea~^Chest pain",
        "NTE|1||allergic to contrast",
        "SPM|1|||BLD^Blood^L||||ARM^Left arm^L||||||||||||||||HEM^Hemolyzed^L",
        kind="ORM^O01",
    )
    assert (found.kind, found.text, found.category) == (FactKind.ORDER, "CT Chest", "order")
    assert (found.status, found.status_sent) == (FactStatus.ACTIVE, "ORC-1=NW")
    assert (found.time, found.origin) == ("2026-03-14T11:00:00", "OBR[1]")
    assert details(found) == [
        ("priority", "Stat"),
        ("reason", "Dyspnea"),
        ("reason", "Chest pain"),
        ("comment", "possible PE"),
        ("specimen", "Blood, Left arm (Hemolyzed)"),
        ("comment", "allergic to contrast"),
    ]


@pytest.mark.parametrize("code", ORDER)
def test_every_code_of_orc_5_has_its_meaning(code: str) -> None:
    reading = read(f"ORC|NW||||{code}", "OBR|1|||X^Test^L", kind="ORM^O01")
    if ORDER[code] is WITHDRAWN:
        assert told(reading) == [("OBR[1]", "withdrawn", f"ORC-5={code} Test")]
    else:
        assert [(each.status, each.status_sent) for each in reading.facts] == [(ORDER[code], f"ORC-5={code}")]


@pytest.mark.parametrize("code", ORDER_CONTROL)
def test_orc_1_speaks_only_where_orc_5_is_silent(code: str) -> None:
    silent = fact(f"ORC|{code}", "OBR|1|||X^Test^L", kind="ORM^O01")
    assert (silent.status, silent.status_sent) == (ORDER_CONTROL[code], f"ORC-1={code}")
    assert fact(f"ORC|{code}||||CM", "OBR|1|||X^Test^L", kind="ORM^O01").status is FactStatus.COMPLETED


@pytest.mark.parametrize("orc", ["ORC|RE", "ORC|ZZ", "ORC|", "ORC|RE||||Ordered"])
def test_an_order_without_a_known_status_has_none(orc: str) -> None:
    assert fact(orc, "OBR|1|||X^Test^L", kind="ORM^O01").status is FactStatus.UNKNOWN


@pytest.mark.parametrize("code", REPORT)
def test_an_order_without_results_tells_how_far_it_is(code: str) -> None:
    reading = read("OBR|1|||X^Test^L" + "|" * 21 + code)
    if REPORT[code] is WITHDRAWN:
        assert told(reading) == [("OBR[1]", "withdrawn", f"OBR-25={code} Test")]
    else:
        assert [each.status for each in reading.facts] == [REPORT[code]]


def test_a_second_request_has_no_order_control_of_the_first() -> None:
    reading = read("ORC|CA", "OBR|1|||A^First^L", "OBR|2|||B^Second^L", kind="ORM^O01")
    assert [(each.text, each.status) for each in reading.facts] == [
        ("First", FactStatus.CANCELLED),
        ("Second", FactStatus.UNKNOWN),
    ]


def test_a_panel_with_results_is_no_fact_but_what_the_orderer_wrote_is_kept() -> None:
    reading = read(OBR, OBX)
    assert [(each.kind, each.group) for each in reading.facts] == [(FactKind.RESULT, "CT Chest")]
    assert [(each.title, each.text, each.origin) for each in reading.notes] == [
        ("Reason for study: CT Chest", "Dyspnea", "OBR[1]-31"),
        ("Clinical information: CT Chest", "possible PE", "OBR[1]-13"),
    ]


def test_in_an_order_message_the_request_stands_beside_its_observations() -> None:
    reading = read(
        "ORC|NW", "OBR|1|||X^Test^L", "OBX|1|NM|29463-7^Body weight^LN||70|kg|||||F", kind="OML^O21"
    )
    assert [each.kind for each in reading.facts] == [FactKind.ORDER, FactKind.VITAL_SIGN]


def test_a_comment_on_a_panel_is_a_note_not_a_result() -> None:
    reading = read(OBR.replace("possible PE", "").replace("^Dyspnea", ""), "NTE|1||non-fasting~repeat", OBX)
    assert [(each.text, each.origin) for each in reading.notes] == [("non-fasting\nrepeat", "NTE[1]-3")]
    assert details(reading.facts[0]) == []


@pytest.mark.parametrize(
    ("segments", "specimen"),
    [
        (["OBR|1|||X^Test^L", OBX, "SPM|1|||SER^Serum^L"], "Serum"),
        (["SPM|1|||SER^Serum^L", "OBR|1|||X^Test^L", OBX], "Serum"),
        (["OBR|1|||X^Test^L|||||||||||BLD&Blood&L", OBX], "Blood"),
        (["OBR|1|||X^Test^L|||||||||||Urine", OBX], "Urine"),
    ],
)
def test_results_name_their_specimen(segments: list[str], specimen: str) -> None:
    (found,) = read(*segments, kind="OUL^R22" if segments[0][0] == "S" else "ORU^R01").facts[-1:]
    assert details(found) == [("specimen", specimen)]


def test_the_time_of_collection_stands_in_for_that_of_observation() -> None:
    reading = read("OBR|1|||X^Test^L", OBX, "SPM|1|||SER^Serum^L" + "|" * 13 + "20260314080000")
    assert reading.facts[0].time == "2026-03-14T08:00:00"


def test_a_specimen_alone_is_a_fact() -> None:
    found = fact("SPM|1|||SER^Serum^L" + "|" * 13 + "20260314", kind="OSM^R26")
    assert (found.kind, found.text, found.time) == (FactKind.SPECIMEN, "Serum", "2026-03-14")


def test_an_order_without_its_detail_is_listed() -> None:
    assert told(read("ORC|CA|P1", kind="ORM^O01")) == [
        ("ORC[1]", "unsupported", "an order without its detail ORC-1=CA")
    ]


def test_a_confidential_order_restricts_the_message() -> None:
    labels = read("ORC|NW" + "|" * 27 + "ETH^Alcohol^HL70177", "OBR|1|||X^Test^L", kind="ORM^O01").labels
    assert (labels.confidentiality, labels.sensitivity) == ("R", ("ETH", "SUD"))


def test_old_timing_fields_are_read() -> None:
    found = fact(
        "ORC|NW|||||||",
        "OBR|1|||X^Test^L" + "|" * 23 + "1^Q6H^3D^202603140800^202603170800^R",
        kind="ORM^O01",
    )
    assert (found.time, found.end) == ("2026-03-14T08:00", "2026-03-17T08:00")
    assert details(found) == [("frequency", "Q6H, for 3D"), ("priority", "R")]


@pytest.mark.parametrize(("field", "time"), [(36, "20260401"), (7, "20260402"), (6, "20260403")])
def test_an_order_is_for_when_it_is_scheduled_done_or_wanted(field: int, time: str) -> None:
    row = ["OBR", "1", "", "", "X^Test^L", *[""] * 40]
    row[field] = time
    found = fact("ORC|NW" + "|" * 8 + "20260101", "|".join(row), kind="ORM^O01")
    assert found.time.replace("-", "") == time
    assert fact("ORC|NW" + "|" * 8 + "20260101", "OBR|1|||X^Test^L", kind="ORM^O01").time == "2026-01-01"


def test_an_order_status_that_is_not_known_is_not_replaced_by_another() -> None:
    found = fact("ORC|NW||||ZZ", "OBR|1|||X^Test^L" + "|" * 21 + "F", kind="ORM^O01")
    assert (found.status, found.status_sent) == (FactStatus.UNKNOWN, "ORC-5=ZZ")
    found = fact("ORC|RE", "OBR|1|||X^Test^L" + "|" * 21 + "P", kind="ORM^O01")
    assert (found.status, found.status_sent) == (FactStatus.PRELIMINARY, "OBR-25=P")


@pytest.mark.parametrize("link", ["A&X^2", "B&X^1", "&X^1", "^1", "~"])
def test_a_parent_that_is_not_there_gives_no_name(link: str) -> None:
    reading = read(
        "OBR|1|||C^Culture^L", "OBX|1|ST|A^Organism^L|1|E. coli||||||F",
        "OBR|2|||S^Susceptibility^L" + "|" * 22 + link, "OBX|1|ST|P^Penicillin^L||R||||||F",
    )  # fmt: skip
    assert reading.facts[1].group == "Susceptibility"
