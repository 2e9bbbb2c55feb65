"""The record as numbered entries, one fact a line. Whoever the patient is stays out.

Left out on purpose: names, numbers, birth date, addresses, contacts, staff, the ward, security labels.
Free text (notes, comments) may still quote a name: that is for the privacy step to remove
before a prompt is built.
"""

from dataclasses import replace

from gateway.age import person
from gateway.clinical import ClinicalFact, ClinicalNote, Code, Encounter, FactStatus, Patient
from gateway.prompt.quoting import bare, block, quoted
from gateway.request import SummarizationRequest
from gateway.summary import SummarySection
from gateway.summary_text import ENCOUNTER_CLASS_WORDS, SECTION_OF_KIND
from gateway.values import carrier

_STATUS_UNKNOWN = FactStatus.UNKNOWN
_SHORTEST_NUMBER = 6
"""Characters from which a value can be a patient's number and not a result that happens to be the same."""

_SEXES = frozenset(("", "female", "male", "other", "unknown"))


@carrier
class Entry:
    """One numbered entry as the model reads it."""

    id: str
    origin: str
    section: SummarySection
    text: str
    source: ClinicalFact | ClinicalNote | None = None
    """None for the encounter."""


class Identity:
    """What of a patient could be told by a fact, and what is written in its place."""

    __slots__ = ("_born", "_numbers")

    def __init__(self, patient: Patient) -> None:
        self._born = patient.birth_date[:10] if len(patient.birth_date) >= 7 else ""
        self._numbers = {each.value for each in patient.identifiers}

    def day(self, time: str) -> str:
        """The time as sent; the birth date as `birth`."""
        date = time[:10]
        if self._born and len(date) >= 7 and (self._born.startswith(date) or date.startswith(self._born)):
            return f"birth {bare(time[10:])}" if time[10:] else "birth"
        return bare(time)

    def value(self, fact: ClinicalFact) -> str:
        """The value as sent: some sources send the birth date or a number as an observation too."""
        value = fact.value or ""
        if len(value) < _SHORTEST_NUMBER or fact.unit:
            return f"{value} {fact.unit}" if fact.unit else value
        if len(self._born) == 10 and value.startswith(self._born):
            return f"[birth date]{value[10:]}"
        return "[number]" if value in self._numbers else value


def entries_of(request: SummarizationRequest, *, coded: bool) -> list[Entry]:
    """The encounter, the facts and the notes, numbered as they stand in the request."""
    identity = Identity(request.patient)
    entries: list[Entry] = []
    encounter = request.encounter
    if encounter is not None and encounter.origin:  # what has no place cannot be evidence
        line = f"E1 {encounter_line(encounter, identity)}"
        entries.append(Entry("E1", encounter.origin, SummarySection.COURSE, line))
    for index, fact in enumerate(request.facts, 1):
        line = f"F{index} {fact_line(fact, identity, coded=coded)}"
        entries.append(Entry(f"F{index}", fact.origin, SECTION_OF_KIND[fact.kind], line, fact))
    for index, note in enumerate(request.notes, 1):
        line = f"N{index} {note_line(note, identity)}"
        text = "\n".join([line, *block(note.text)])
        entries.append(Entry(f"N{index}", note.origin, SummarySection.NOTES, text, note))
    return entries


def patient_line(request: SummarizationRequest) -> str:
    """`Patient: 67-year-old woman`; a sex in the source's own words is quoted."""
    patient = request.patient
    start = request.encounter.start if request.encounter else ""
    is_known = patient.sex in _SEXES
    said = person(patient if is_known else replace(patient, sex=""), start, request.received_at.date())
    return f"Patient: {said}" if is_known else f"Patient: {said}; sex {quoted(patient.sex)}"


def encounter_line(encounter: Encounter, identity: Identity) -> str:
    fields = []
    if encounter.encounter_class:
        words = ENCOUNTER_CLASS_WORDS.get(encounter.encounter_class.upper())
        fields.append(words or f"class {quoted(encounter.encounter_class)}")
    fields += [f"type {quoted(encounter.type)}"] if encounter.type else []
    fields += [f"status {bare(encounter.status)}"] if encounter.status else []
    fields += [f"from {identity.day(encounter.start)}"] if encounter.start else []
    fields += [f"until {identity.day(encounter.end)}"] if encounter.end else []
    fields += [f"service {quoted(encounter.service)}"] if encounter.service else []
    fields += [f"reason {quoted(encounter.reason)}"] if encounter.reason else []
    fields += [f"disposition {quoted(encounter.disposition)}"] if encounter.disposition else []
    return "encounter: " + "; ".join(fields)


def fact_line(fact: ClinicalFact, identity: Identity, *, coded: bool) -> str:
    """Every field that carries meaning; `coded` adds the codes.

    `allergy: NOT "known food allergies"`,
    `result: "Potassium" = "6.80 mmol/L"; flag HH; range "3.5-5.1"; status final; time 2026-03-14T06:30`.
    """
    said = f"{fact.kind}: {'NOT ' if fact.negated else ''}{quoted(fact.text)}"
    if fact.value is not None:
        said += f" = {quoted(identity.value(fact))}"
    if fact.flag:
        said += f"; flag {bare(fact.flag)}"
    if fact.reference_range:
        said += f"; range {quoted(fact.reference_range)}"
    if fact.certainty is not None:
        said += f"; {fact.certainty}"
    if fact.status is not _STATUS_UNKNOWN:
        said += f"; status {fact.status}"
    elif fact.status_sent:
        said += f"; status sent as {quoted(fact.status_sent)}"
    for detail in fact.details:
        said += f"; {detail.name} {quoted(detail.text)}"
    if fact.category:
        said += f"; category {bare(fact.category)}"
    if fact.group:
        said += f"; part of {quoted(fact.group)}"
    if fact.time:
        said += f"; time {identity.day(fact.time)}"
    if fact.end:
        said += f"; until {identity.day(fact.end)}"
    if coded and fact.codes:
        said += f"; codes {', '.join(_code(code) for code in fact.codes)}"
    return said


def note_line(note: ClinicalNote, identity: Identity) -> str:
    """What stands above the text of a note."""
    said = f"note: {quoted(note.title)}" if note.title else "note: without title"
    if note.section:
        said += f"; section {bare(note.section)}"
    if note.status is not _STATUS_UNKNOWN:
        said += f"; status {note.status}"
    if note.time:
        said += f"; time {identity.day(note.time)}"
    if note.repeats_facts:
        said += "; repeats facts"
    return said


def _code(code: Code) -> str:
    """`E11.9 of icd-10-cm`."""
    system = code.system.rstrip("/").rpartition("/")[2]
    said = bare(code.code) if code.code else quoted(code.display)
    return f"{said} of {bare(system)}" if system else said
