"""What patients said: read, held against a request, enforced in each protocol, and broken in an emergency."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.clinical import Consent, Identifier
from gateway.identity.consents import ConsentSource
from gateway.identity.identification import Identification
from gateway.policy.consent import ConsentVerdict, consent_of
from gateway.policy.limits import Per
from gateway.policy.quotas import Measure, Quota
from gateway.policy.rules import Effect, Rule, any_of
from gateway.policy.windows import Unit
from gateway.settings.consents import consent_source
from gateway.settings.schema import ConsentSettings
from gateway.store.audit_log import AuditReader
from tests.gateway.policy.test_sensitive import ask, labelled
from tests.gateway.protocols import CLOUD, PARTNER, WARD, Gate, gate
from tests.on_reactor import on_reactor
from tests.translators.cda.made import PATIENT, document, section
from tests.translators.fhir.exchange import bundle_of, coded, read

DAY = date(2026, 11, 23)
NONE, PERMIT, DENY = ConsentVerdict.NONE, ConsentVerdict.PERMIT, ConsentVerdict.DENY
ME = Identifier(value="MRN-7", system="1.2.3")


def said(permits: bool, **more: Any) -> Consent:
    return Consent(permits=permits, **more)


@pytest.mark.parametrize(
    ("consents", "purposes", "sensitivity", "verdict"),
    [
        ([], ["TREAT"], [], NONE),
        ([said(True)], ["TREAT"], [], PERMIT),
        ([said(False)], ["TREAT"], [], DENY),
        ([said(True), said(False)], ["TREAT"], [], DENY),
        ([said(True, purposes=("TREAT",))], ["TREAT"], [], PERMIT),
        ([said(True, purposes=("TREAT",))], ["TREAT", "HRESCH"], [], NONE),
        ([said(True, purposes=("TREAT",))], [], [], NONE),
        ([said(False, purposes=("HRESCH",))], ["TREAT"], [], NONE),
        ([said(False, purposes=("HRESCH",))], ["TREAT", "HRESCH"], [], DENY),
        ([said(False, purposes=("HRESCH",))], [], [], DENY),
        ([said(False, unless_purposes=("BTG",))], ["BTG"], [], NONE),
        ([said(False, unless_purposes=("BTG",))], ["TREAT"], [], DENY),
        ([said(True, start="2026-11-23", end="2026-11-23")], ["TREAT"], [], PERMIT),
        ([said(True, start="2026-11-24")], ["TREAT"], [], NONE),
        ([said(True, end="2026-11-22")], ["TREAT"], [], NONE),
        ([said(True, start="2026", end="2026-11")], ["TREAT"], [], PERMIT),
        ([said(False, sensitivity=("PSY",))], ["TREAT"], ["psy"], DENY),
        ([said(False, sensitivity=("PSY",))], ["TREAT"], ["HIV"], NONE),
        ([said(True, sensitivity=("SUD",))], ["TREAT"], ["SUD"], PERMIT),
        ([said(True, sensitivity=("SUD",))], ["TREAT"], ["SUD", "HIV"], NONE),
        ([said(True, sensitivity=("SUD",))], ["TREAT"], [], NONE),
    ],
)
def test_a_denial_overrides_and_scope_counts(
    consents: list[Consent], purposes: list[str], sensitivity: list[str], verdict: ConsentVerdict
) -> None:
    source = ConsentSource(trusts_message=True)
    assert consent_of(source, [ME], consents, purposes, sensitivity, DAY).verdict is verdict


@pytest.mark.parametrize(("permits", "trusted", "verdict"), [
    (True, True, PERMIT), (True, False, NONE), (False, True, DENY), (False, False, DENY),
])  # fmt: skip
def test_what_comes_with_the_message_may_deny_and_permits_only_where_that_was_agreed(
    permits: bool, trusted: bool, verdict: ConsentVerdict
) -> None:
    assert consent_of(ConsentSource(trusted), [ME], [said(permits)], ["TREAT"], [], DAY).verdict is verdict


RECORDS = """
- {patient: MRN-7, system: 1.2.3, decision: permit, purposes: [TREAT], from: 2026-01-01, to: 2026-12-31}
- {patient: MRN-8, decision: deny}
"""


@pytest.mark.parametrize(
    ("identifier", "verdict"),
    [
        (ME, PERMIT),
        (Identifier(value="MRN-7"), PERMIT),
        (Identifier(value="MRN-7", system="9.9"), NONE),
        (Identifier(value="MRN-8", system="9.9"), DENY),
        (Identifier(value="MRN-9"), NONE),
    ],
)
def test_records_on_file_are_found_by_number_and_authority(
    tmp_path: Path, identifier: Identifier, verdict: ConsentVerdict
) -> None:
    path = tmp_path / "consents.yaml"
    path.write_text(RECORDS)
    source = consent_source(ConsentSettings(source="file", path=path))
    assert consent_of(source, [identifier], [], ["TREAT"], [], DAY).verdict is verdict


@pytest.mark.parametrize("text", ["{", "- {patient: Doe, decision: perhaps}", "- {patient: Doe}", "3"])
def test_a_file_that_is_not_right_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "consents.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"consents\.yaml") as caught:
        consent_source(ConsentSettings(source="file", path=path))
    assert "Doe" not in str(caught.value)


def consent(kind: str | None, *nested: dict[str, Any], **more: Any) -> dict[str, Any]:
    provision: dict[str, Any] = {"type": kind} if kind else {}
    if nested:
        provision["provision"] = list(nested)
    made = {"resourceType": "Consent", "status": "active", "scope": coded("", "patient-privacy", "s")}
    provision |= more.pop("provision", {})
    return made | {"provision": provision} | more


def coding(code: str) -> dict[str, str]:
    return {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": code}


@pytest.mark.parametrize(
    ("resource", "purposes", "verdict"),
    [
        (consent("permit"), ["TREAT"], PERMIT),
        (consent("deny"), ["TREAT"], DENY),
        (consent("permit", provision={"purpose": [coding("TREAT")]}), ["TREAT"], PERMIT),
        (consent("permit", provision={"purpose": [coding("TREAT")]}), ["HRESCH"], NONE),
        (consent("permit", provision={"period": {"end": "2026-01-01"}}), ["TREAT"], NONE),
        (consent("permit", {"type": "deny", "purpose": [coding("HRESCH")]}), ["HRESCH"], DENY),
        (consent("permit", {"type": "deny", "purpose": [coding("HRESCH")]}), ["TREAT"], PERMIT),
        (consent("deny", {"type": "permit", "purpose": [coding("BTG")]}), ["BTG"], PERMIT),
        (consent("deny", {"type": "permit", "purpose": [coding("BTG")]}), ["TREAT"], DENY),
        (consent("permit", status="inactive"), ["TREAT"], NONE),
        (consent("deny", scope=coded("", "research", "s")), ["TREAT"], NONE),
        # what cannot be read denies
        (consent(None), ["TREAT"], DENY),
        (consent("maybe"), ["TREAT"], DENY),
        (consent("permit", status="odd"), ["TREAT"], DENY),
        (consent("permit", scope=coded("", "mystery", "s")), ["TREAT"], DENY),
        (consent("permit", provision={"actor": [{}]}), ["TREAT"], DENY),
        (consent("permit", provision={"purpose": [{"display": "care"}]}), ["TREAT"], DENY),
        (consent("permit", provision={"purpose": "TREAT"}), ["TREAT"], DENY),
        (consent("permit", {"type": "deny", "provision": [{"type": "permit"}]}), ["TREAT"], DENY),
    ],
)
def test_a_consent_resource_is_read_as_r4_means_it(
    resource: dict[str, Any], purposes: list[str], verdict: ConsentVerdict
) -> None:
    sent = read(bundle_of(resource, labelled("", "Asthma"))).reading.consents
    assert consent_of(ConsentSource(trusts_message=True), [], sent, purposes, [], DAY).verdict is verdict


def on_file(permits: bool) -> ConsentSource:
    return ConsentSource(on_file={"MRN-7": (said(permits),)})


async def about_a_patient(asked: Gate, protocol: str, **headers: str) -> str:
    if protocol != "fhir":
        return await ask(asked, protocol, "CEL")
    patient = {"resourceType": "Patient", "identifier": [{"value": "MRN-7"}]}
    return (await asked.fhir(bundle_of(patient, labelled("", "Asthma")), **headers)).body.decode()


REFUSED = {"fhir": '"forbidden"', "soap": "Fault", "hl7v2": "MSA|AR"}


@pytest.mark.parametrize("protocol", ["fhir", "soap", "hl7v2"])
@pytest.mark.parametrize(
    ("source", "required", "is_served"),
    [
        (ConsentSource(), frozenset(), True),
        (on_file(True), frozenset({"TREAT"}), True),
        (ConsentSource(), frozenset({"TREAT"}), False),
        (on_file(False), frozenset(), False),
    ],
)
@on_reactor
async def test_a_denial_refuses_and_so_does_silence_where_consent_is_required(
    tmp_path: Path, protocol: str, source: ConsentSource, required: frozenset[str], is_served: bool
) -> None:
    partner = replace(PARTNER, consents=source)
    async with gate(tmp_path, backends=(WARD,), partner=partner, require_consent=required) as asked:
        reply = await about_a_patient(asked, protocol)
        assert bool(asked.backends["ward"].read) is is_served
    assert (REFUSED[protocol] in reply) is not is_served


@pytest.mark.parametrize(("code", "is_served"), [("SUD", False), ("HIV", True)])
@on_reactor
async def test_part_2_can_require_a_consent_of_its_own(tmp_path: Path, code: str, is_served: bool) -> None:
    async with gate(tmp_path, backends=(WARD,), require_consent=frozenset({"PART2"})) as asked:
        await ask(asked, "hl7v2", code)
        assert bool(asked.backends["ward"].read) is is_served


EMERGENCY = replace(PARTNER, purpose_of_use=("TREAT", "BTG", "ETREAT"), consents=on_file(False))
REASON = "unconscious in the emergency room"


def audited(data_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(row.entry) for row in AuditReader(data_dir).entries()]


async def broken(asked: Gate, purpose: str, reason: str, key: str = "demo") -> Mapping[str, Any]:
    patient = {"resourceType": "Patient", "identifier": [{"value": "MRN-7"}]}
    headers = {"x_break_glass_reason": reason} if reason else {}
    reply = await asked.fhir(
        bundle_of(patient, labelled("", "Asthma")),
        {"name": "purposeOfUse", "valueCoding": {"code": purpose}},
        authorization=f"Bearer {key}" if key else "",
        **headers,
    )
    made: Mapping[str, Any] = json.loads(reply.body)
    return made


@pytest.mark.parametrize(
    ("purpose", "reason", "key", "is_served"),
    [
        ("BTG", REASON, "demo", True),
        ("ETREAT", REASON, "demo", True),
        ("ETREAT", "", "demo", False),  # emergency treatment as such relaxes nothing
        ("BTG", "", "demo", False),
        ("TREAT", REASON, "demo", False),
        ("BTG", REASON, "", False),  # known by its address only
        ("BTG", REASON, "wrong", False),
        ("HPAYMT", REASON, "demo", False),  # not granted
    ],
)
@on_reactor
async def test_the_glass_is_broken_with_purpose_reason_and_proof(
    tmp_path: Path, purpose: str, reason: str, key: str, is_served: bool
) -> None:
    async with gate(tmp_path, backends=(WARD,), partner=EMERGENCY) as asked:
        with capture_logs() as logs:
            made = await broken(asked, purpose, reason, key)
        assert bool(asked.backends["ward"].read) is is_served
    assert (made["resourceType"] == "Bundle") is is_served
    alarms = [each for each in logs if each["event"] == "break_glass"]
    is_asked = purpose == "BTG" or reason
    assert [each["permitted"] for each in alarms] == ([is_served] if is_asked else [])
    [entry] = [each for each in audited(tmp_path) if each["event"] == "decision"]
    assert entry.get("break_glass") == (None if not is_asked else "granted" if is_served else "attempted")
    assert all(each["log_level"] == "warning" and REASON not in repr(each) for each in alarms)


@on_reactor
async def test_a_broken_glass_stands_in_the_audit_and_opens_no_rule(tmp_path: Path) -> None:
    treatment = Rule("treatment", Effect.PERMIT, {"purpose_of_use": any_of(["TREAT"])})
    async with gate(tmp_path, treatment, backends=(WARD,), partner=EMERGENCY) as asked:
        assert (await broken(asked, "BTG", REASON))["resourceType"] == "OperationOutcome"
        assert not asked.backends["ward"].read
    entries = audited(tmp_path)
    assert [each["error"] for each in entries if each.get("break_glass")] == ["forbidden"]
    assert REASON not in repr(entries)


@pytest.mark.parametrize(("purpose", "reason", "is_served"), [("BTG", REASON, True), ("TREAT", "", False)])
@on_reactor
async def test_a_used_up_quota_does_not_hold_up_an_emergency(
    tmp_path: Path, purpose: str, reason: str, is_served: bool
) -> None:
    partner = replace(EMERGENCY, consents=ConsentSource())
    one = Quota("one", Per.PARTNER, Measure.REQUESTS, 1, Unit.HOUR)
    async with gate(tmp_path, backends=(WARD,), partner=partner, quotas=(one,)) as asked:
        await broken(asked, "TREAT", "")
        made = await broken(asked, purpose, reason)
    assert (made["resourceType"] == "Bundle") is is_served


@pytest.mark.parametrize(("consent", "is_made"), [("E", True), ("", False)])
@on_reactor
async def test_a_used_up_quota_does_not_hold_up_an_event_in_an_emergency(
    tmp_path: Path, consent: str, is_made: bool
) -> None:
    proven = (Identification(client_certificate="CN=ward"),)
    partner = replace(EMERGENCY, identifications=proven, consents=ConsentSource())
    one = Quota("one", Per.PARTNER, Measure.REQUESTS, 1, Unit.HOUR)
    bypassed = (f"CON|1|001|||||||||B|||||||||{consent}||||DOE^JANE|SEL",) if consent else ()
    async with gate(tmp_path, backends=(WARD,), partner=partner, quotas=(one,)) as asked:
        for number, segments in enumerate(((), bypassed), 1):
            reply = await asked.hl7v2(
                f"MSH|^~\\&|A|B|C|D|20261123||ADT^A01|C{number}|P|2.8",
                "EVN|A01|20261123|||4711^ADEYEMI^RUTH",
                "PID|1||MRN-7",
                *segments,
                "DG1|1||J45.9^Asthma^I10",
                certificate="CN=ward",
            )
            assert b"MSA|AA" in reply.body
            for _ in range(500 if number == 1 or is_made else 20):
                if len(asked.backends["ward"].read) < number:
                    await asyncio.sleep(0.01)
        assert len(asked.backends["ward"].read) == (2 if is_made else 1)


@pytest.mark.parametrize(("reason", "is_served"), [(REASON, True), ("", False)])
@on_reactor
async def test_over_soap_the_reason_stands_in_the_same_header(
    tmp_path: Path, reason: str, is_served: bool
) -> None:
    headers = {"x_break_glass_reason": reason} if reason else {}
    text = document(section("11450-4", title="Problems", text="Asthma"), header=PATIENT)
    async with gate(tmp_path, backends=(WARD,), partner=EMERGENCY) as asked:
        reply = await asked.soap(text, ("purposeOfUse", "ETREAT"), authorization="Bearer demo", **headers)
        assert bool(asked.backends["ward"].read) is is_served
    assert (b"Fault" in reply.body) is not is_served


@pytest.mark.parametrize(("permits", "is_told"), [(True, True), (False, False)])
@on_reactor
async def test_a_summary_is_not_handed_out_against_a_consent_of_today(
    tmp_path: Path, permits: bool, is_told: bool
) -> None:
    records = {"MRN-7": (said(True),)}
    partner = replace(PARTNER, consents=ConsentSource(on_file=records))
    async with gate(tmp_path, backends=(WARD,), partner=partner) as asked:
        assert "Stated." in await ask(asked, "hl7v2", "CEL")
        records["MRN-7"] = (said(permits),)
        query = (
            "MSH|^~\\&|A|B|C|D|20261123||QBP^Q15^QBP_Q15|Q2|P|2.5.1",
            "QPD|Q15^Summary|T2|MRN-7",
            "RCP|I",
        )
        reply = (await asked.hl7v2(*query)).body.decode()
    assert ("Stated." in reply) is is_told
    assert ("MSA|AR" in reply) is not is_told


@pytest.mark.parametrize("kind", ["permit", "deny"])
@on_reactor
async def test_the_consent_that_decided_is_named_in_the_audit_by_reference_and_hash(
    tmp_path: Path, kind: str
) -> None:
    partner = replace(PARTNER, consents=ConsentSource(trusts_message=True))
    resource = consent(kind, id="c1", meta={"versionId": "2"}, patient={"reference": "Patient/MRN-SECRET"})
    other = consent("permit", id="c2", provision={"purpose": [coding("HRESCH")]})
    async with gate(tmp_path, backends=(WARD,), partner=partner) as asked:
        await asked.fhir(bundle_of(resource, other, labelled("", "Asthma")))
        await asked.fhir(bundle_of({**resource, "patient": {}}, labelled("", "Asthma")))
        await asked.fhir(bundle_of({**resource, "dateTime": "2026-11-01"}, labelled("", "Asthma")))
    entries = [each for each in audited(tmp_path) if each["event"] == "decision"]
    assert [each["consent"] for each in entries] == [kind] * 3
    [first], [of_somebody], [edited] = [each["consents"] for each in entries]
    assert first["reference"] == edited["reference"] == "Consent/c1/_history/2"
    assert first == of_somebody
    assert first["sha256"] != edited["sha256"]
    assert "SECRET" not in repr(entries)


@on_reactor
async def test_an_entry_of_the_operators_file_is_named_by_its_place_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "consents.yaml"
    path.write_text(RECORDS.replace("MRN-7, system: 1.2.3", "MRN-7"))
    partner = replace(PARTNER, consents=consent_source(ConsentSettings(source="file", path=path)))
    async with gate(tmp_path, backends=(WARD,), partner=partner) as asked:
        await about_a_patient(asked, "fhir")
        await asked.hl7v2(
            "MSH|^~\\&|A|B|C|D|20261123||QBP^Q15^QBP_Q15|Q2|P|2.5.1", "QPD|Q15^S|T2|MRN-7", "RCP|I"
        )
    entries = [each for each in audited(tmp_path) if each["event"] == "decision"]
    assert [each["consent"] for each in entries] == ["permit", "permit"]
    [[first], [second]] = [each["consents"] for each in entries]
    assert first == second
    assert (first["reference"], len(first["sha256"])) == ("consents.yaml[0]", 64)
    assert "MRN-7" not in repr(entries)


@on_reactor
async def test_the_audit_says_where_content_may_go_and_under_which_agreement(tmp_path: Path) -> None:
    cloud = replace(CLOUD, retention_days=30)
    async with gate(tmp_path, backends=(cloud, WARD), partner=PARTNER) as asked:
        await about_a_patient(asked, "fhir")
        await ask(asked, "hl7v2", "CEL")
    entries = audited(tmp_path)
    to_both = [
        {"backend": "cloud", "on_premises": False, "region": "us", "baa_expires": "2030-01-31", "retention_days": 30},
        {"backend": "ward", "on_premises": True, "region": "", "baa_expires": None, "retention_days": None},
    ]  # fmt: skip
    waited_for, accepted, dispatched = [each for each in entries if "to" in each]
    assert [each["event"] for each in (waited_for, accepted, dispatched)] == [
        "decision",
        "decision",
        "dispatch",
    ]
    assert waited_for["to"] == accepted["to"] == dispatched["to"] == to_both
