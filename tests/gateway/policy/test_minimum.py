"""What a model may read for a purpose of use, and that what it may not is told and not sent."""

from datetime import UTC, datetime

from gateway.clinical import ClinicalFact, ClinicalNote, Encounter, FactKind
from gateway.messages import Protocol
from gateway.policy.minimum import DEFAULTS, PARTS, parts_for, withheld
from gateway.request import SummarizationRequest

REQUEST = SummarizationRequest(
    id="1",
    partner="epic",
    protocol=Protocol.FHIR,
    version="4.0.1",
    message_type="$summarize",
    control_id="",
    received_at=datetime(2026, 11, 23, tzinfo=UTC),
    encounter=Encounter(reason="Chest pain"),
    facts=tuple(ClinicalFact(kind=kind, text=kind.value, origin=kind.value) for kind in FactKind),
    notes=(
        ClinicalNote(text="Course.", section="8648-8", origin="n1"),
        ClinicalNote(text="Plan.", section="18776-5", origin="n2"),
    ),
)


def test_without_a_bound_all_of_it_is_read() -> None:
    assert withheld(REQUEST, None) == (REQUEST, ())
    assert withheld(REQUEST, PARTS) == (REQUEST, ())


def test_only_what_is_named_is_read_and_the_rest_is_counted() -> None:
    readable, (caution,) = withheld(REQUEST, frozenset({"result", "note:8648-8"}))
    assert [fact.text for fact in readable.facts] == ["result"]
    assert [note.origin for note in readable.notes] == ["n1"]
    assert readable.encounter is None
    assert caution.code == "withheld"
    assert "2 encounter" in caution.text  # the encounter and the fact about one
    assert "1 notes" in caution.text
    assert "result" not in caution.text


def test_a_note_without_a_code_is_read_only_where_all_notes_are() -> None:
    request = SummarizationRequest(
        **{name: getattr(REQUEST, name) for name in ("id", "partner", "protocol", "version", "message_type",
           "control_id", "received_at")}, notes=(ClinicalNote(text="x", origin="n"),)
    )  # fmt: skip
    assert not withheld(request, frozenset({"note:"}))[0].notes
    assert withheld(request, frozenset({"notes"}))[0].notes


def test_defaults_are_parts_and_hold_no_free_text() -> None:
    for parts in DEFAULTS.values():
        assert parts < PARTS
        assert "notes" not in parts


def test_a_purpose_without_a_default_is_not_bound() -> None:
    assert parts_for(["TREAT"]) is None
    assert parts_for(["HPAYMT", "HOPERAT"]) == DEFAULTS["HPAYMT"] | DEFAULTS["HOPERAT"]
