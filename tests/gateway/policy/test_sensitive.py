"""Labelled content stays on the premises: in each protocol, with what is stripped and what is refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.clinical import ClinicalFact, ClinicalNote, Encounter, FactKind, LabelledPart, Labels
from gateway.messages import Protocol
from gateway.policy.decision import decide
from gateway.policy.notices import PART2
from gateway.policy.rules import BackendFacts, Deidentify, Effect, Policy, Rule, Sensitive
from gateway.policy.sensitive import Protected, protected_of, without_protected
from gateway.request import SummarizationRequest
from tests.gateway.policy.test_decision import FACTS, PERMIT, policy
from tests.gateway.protocols import CLOUD, WARD, Gate, gate
from tests.on_reactor import on_reactor
from tests.translators.cda.made import PATIENT, document, section
from tests.translators.fhir.exchange import bundle_of, coded

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SUPPRESSED = "Parts of the record that are specially protected were withheld from the model."
REFUSE = Rule("all", Effect.PERMIT, sensitive=Sensitive.REFUSE)


def request(*parts: LabelledPart, sensitivity: tuple[str, ...] = ("PSY",)) -> SummarizationRequest:
    return SummarizationRequest(
        id="1",
        partner="p",
        protocol=Protocol.HL7V2,
        version="2.5.1",
        message_type="ORU^R01",
        control_id="1",
        received_at=datetime(2026, 11, 23, tzinfo=UTC),
        encounter=Encounter(origin="PV1[1]"),
        facts=(
            ClinicalFact(kind=FactKind.RESULT, text="Potassium", origin="OBX[1]"),
            ClinicalFact(kind=FactKind.RESULT, text="Lithium", origin="OBX[10]"),
            ClinicalFact(kind=FactKind.CONDITION, text="Mania", origin="OBX[2]-5/section[A]/entry[1]"),
        ),
        notes=(
            ClinicalNote(text="Manic.", origin="OBX[2]-5/section[A]"),
            ClinicalNote(text="Calm.", origin="OBX[2]-5/section[A][2]"),
        ),
        labels=Labels(sensitivity=sensitivity),
        labelled=parts,
    )


def part(*origins: str, code: str = "PSY") -> LabelledPart:
    return LabelledPart(sensitivity=(code,), origins=origins)


@pytest.mark.parametrize(
    ("places", "left"),
    [
        (("OBX[1]",), ["OBX[10]", "OBX[2]-5/section[A]/entry[1]", "OBX[2]-5/section[A]", "OBX[2]-5/section[A][2]"]),
        # The narrative around a labelled entry goes too, that of the next section of the same code stays.
        (("OBX[2]-5/section[A]/entry[1]",), ["OBX[1]", "OBX[10]", "OBX[2]-5/section[A][2]"]),
        (("OBX[2]",), ["OBX[1]", "OBX[10]"]),
        (("NTE[1]", "OBX[10]"), ["OBX[1]", "OBX[2]-5/section[A]/entry[1]", "OBX[2]-5/section[A]", "OBX[2]-5/section[A][2]"]),
    ],
)  # fmt: skip
def test_what_a_label_covers_is_taken_out(places: tuple[str, ...], left: list[str]) -> None:
    rest = without_protected(request(part(*places)))
    assert rest is not None
    assert [each.origin for each in (*rest.facts, *rest.notes)] == left
    assert protected_of(request(part(*places))) is Protected.PARTS


@pytest.mark.parametrize(
    "labelled",
    [
        request(),  # a label of which nobody knows what it covers
        request(part("")),
        request(part("OBX[1]"), sensitivity=("HIV", "PSY")),  # HIV may be anywhere
        request(part("DG1[7]")),  # told by none of the facts, so perhaps by any
        request(part("OBX[1]", "OBX[10]", "OBX[2]", "PV1[1]")),
    ],
)
def test_where_nothing_can_be_told_apart_all_of_it_is_protected(labelled: SummarizationRequest) -> None:
    assert without_protected(labelled) is None
    assert protected_of(labelled) is Protected.EVERYTHING


@pytest.mark.parametrize("codes", [(), ("CEL",), ("TBOO", "NORDSCLCD")])
def test_other_labels_keep_nothing_back(codes: tuple[str, ...]) -> None:
    assert protected_of(request(sensitivity=codes)) is Protected.NOTHING


@pytest.mark.parametrize(
    "code", ["ETH", "SUD", "ETHUD", "OPIOIDUD", "42CFRPart2", "PSY", "PSYTHPN", "HIV", "SDV"]
)
def test_each_protected_code_counts(code: str) -> None:
    assert protected_of(request(part("OBX[1]", code=code), sensitivity=(code,))) is Protected.PARTS


@pytest.mark.parametrize(
    ("protected", "sensitive", "kept", "stripped"),
    [
        (Protected.NOTHING, Sensitive.REFUSE, ("cloud", "ward", "builtin"), set()),
        (Protected.PARTS, Sensitive.STRIP, ("cloud", "ward", "builtin"), {"cloud"}),
        (Protected.PARTS, Sensitive.REFUSE, ("ward", "builtin"), set()),
        (Protected.EVERYTHING, Sensitive.STRIP, ("ward", "builtin"), set()),
    ],
)
def test_no_rule_is_needed_to_keep_it_in(
    protected: Protected, sensitive: Sensitive, kept: tuple[str, ...], stripped: set[str]
) -> None:
    rule = replace(PERMIT, sensitive=sensitive)
    decision = decide(replace(FACTS, protected=protected), policy(rule), datetime(2026, 11, 23, tzinfo=UTC))
    assert (decision.backends, decision.stripped_for) == (kept, stripped)


@pytest.mark.parametrize(
    ("expires", "deidentify", "is_kept", "why"),
    [
        (date(2026, 11, 23), Deidentify.NONE, True, "permitted by treatment"),
        (date(2026, 11, 22), Deidentify.NONE, False, "its business associate agreement ended on 2026-11-22"),
        (date(2026, 11, 22), Deidentify.LIMITED, False, "its business associate agreement ended on 2026-11-22"),
        (date(2026, 11, 22), Deidentify.SAFE_HARBOR, True, "permitted by treatment"),
        (None, Deidentify.NONE, False, "there is no business associate agreement with it"),
    ],
)  # fmt: skip
def test_an_agreement_has_to_hold_on_the_day(
    expires: date | None, deidentify: Deidentify, is_kept: bool, why: str
) -> None:
    rule = replace(PERMIT, deidentify=deidentify)
    base = policy(rule)
    cloud = BackendFacts("cloud", region="us", baa_expires=expires)
    made: Policy = replace(base, backends={**base.backends, "cloud": cloud})
    [candidate, *_] = decide(FACTS, made, datetime(2026, 11, 23, 12, tzinfo=UTC)).candidates
    assert (candidate.kept, candidate.why) == (is_kept, why)


def labelled(code: str, name: str, **more: Any) -> dict[str, Any]:
    made = {"resourceType": "Condition", "code": coded(name), "subject": {"display": "Vera"}}
    return made | ({"meta": {"security": [{"system": ACT_CODE, "code": code}]}} if code else {}) | more


async def ask(asked: Gate, protocol: str, code: str, *, plain: bool = True) -> str:
    """A record of one diagnosis with the label, and one without if `plain`; the reply as text."""
    if protocol == "fhir":
        others = [labelled("", "Asthma")] if plain else []
        return (await asked.fhir(bundle_of(labelled(code, "Relapse"), *others))).body.decode()
    if protocol == "soap":
        mark = f'<confidentialityCode code="{code}"/>'
        others = [section("11450-4", title="Problems", text="Asthma")] if plain else []
        marked = section("29762-2", title="Social", text="Relapse", more=mark)
        return (await asked.soap(document(marked, *others, header=PATIENT))).body.decode()
    others = ["PRB|AD|20260101|J45^Asthma^I10|2"] if plain else []
    return await asked.summary_over_hl7v2(
        "MSH|^~\\&|A|B|C|D|20261123||PPR^PC1|C1|P|2.5.1",
        "PID|||MRN-7||Winterfeld^Vera",
        "PRB|AD|20260101|F10^Relapse^I10|1" + "|" * 21 + code,
        *others,
    )


@pytest.mark.parametrize("protocol", ["fhir", "soap", "hl7v2"])
@pytest.mark.parametrize("code", ["ETH", "HIV"])
@on_reactor
async def test_a_labelled_part_is_stripped_and_the_answer_says_so(
    tmp_path: Path, protocol: str, code: str
) -> None:
    async with gate(tmp_path) as asked:
        reply = await ask(asked, protocol, code)
        [read] = asked.backends["cloud"].read
    told = repr((read.facts, read.notes))
    assert "Asthma" in told
    assert "Relapse" not in told
    assert SUPPRESSED in reply
    if protocol == "fhir":
        [issue] = [each for each in _issues(reply) if each["code"] == "suppressed"]
        assert issue["details"]["text"] == SUPPRESSED
        assert {"system": ACT_CODE, "code": code} in json.loads(reply)["entry"][0]["resource"]["meta"][
            "security"
        ]
    if protocol == "soap":
        assert f'kind="sensitivity">{code}</' in reply
    assert (PART2 in reply) is (code == "ETH")


def _issues(reply: str) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in json.loads(reply)["entry"]]
    return [
        issue for each in resources if each["resourceType"] == "OperationOutcome" for issue in each["issue"]
    ]


@pytest.mark.parametrize("protocol", ["fhir", "soap", "hl7v2"])
@pytest.mark.parametrize(("rule", "plain"), [(REFUSE, True), (Rule("all", Effect.PERMIT), False)])
@on_reactor
async def test_what_cannot_be_stripped_is_refused(
    tmp_path: Path, protocol: str, rule: Rule, plain: bool
) -> None:
    async with gate(tmp_path, rule) as asked:
        reply = await ask(asked, protocol, "SUD", plain=plain)
        assert not asked.backends["cloud"].read
    assert {"fhir": '"forbidden"', "soap": "Fault", "hl7v2": "MSA|AR"}[protocol] in reply
    assert "Relapse" not in reply


@pytest.mark.parametrize("protocol", ["fhir", "soap", "hl7v2"])
@on_reactor
async def test_on_the_premises_the_whole_record_is_read(tmp_path: Path, protocol: str) -> None:
    async with gate(tmp_path, REFUSE, backends=(CLOUD, WARD)) as asked:
        reply = await ask(asked, protocol, "42CFRPart2")
        [read] = asked.backends["ward"].read
        assert not asked.backends["cloud"].read
    assert "Relapse" in repr((read.facts, read.notes))
    assert SUPPRESSED not in reply
    assert PART2 in reply


@on_reactor
async def test_what_refers_to_a_labelled_resource_is_taken_to_repeat_it(tmp_path: Path) -> None:
    behind = labelled("PSY", "Mania", id="c1")
    drug = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": coded("Lithium"),
        "reasonReference": [{"reference": "Condition/c1"}],
        "subject": {"display": "Vera"},
    }
    async with gate(tmp_path) as asked:
        await asked.fhir(bundle_of(behind, drug, labelled("", "Asthma")))
        [read] = asked.backends["cloud"].read
    assert [fact.text for fact in read.facts] == ["Asthma"]
