"""Requests for the tests of the built-in summarizer: facts in one line, one whole patient, and any patient."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from gateway.backends.extractive import summarize
from gateway.clinical import (
    Caution,
    Certainty,
    ClinicalFact,
    ClinicalNote,
    Code,
    Contact,
    Detail,
    DetailName,
    Encounter,
    FactKind,
    FactStatus,
    Identifier,
    Name,
    Participant,
    Patient,
    Unread,
    UnreadReason,
)
from gateway.messages import Protocol
from gateway.request import Audience, Purpose, SummarizationRequest, Task
from gateway.summary import SummarySection

K, S = FactKind, FactStatus
LOINC = "http://loinc.org"
RECEIVED = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def details(**given: str | list[str]) -> tuple[Detail, ...]:
    """`details(dose="5 mg", reaction=["hives", "wheeze"])`."""
    return tuple(
        Detail(name=DetailName(name), text=text)
        for name, texts in given.items()
        for text in ([texts] if isinstance(texts, str) else texts)
    )


def fact(
    kind: FactKind,
    text: str,
    origin: str = "",
    *,
    value: str | None = None,
    unit: str = "",
    flag: str = "",
    range_: str = "",
    time: str = "",
    end: str = "",
    status: FactStatus = FactStatus.UNKNOWN,
    certainty: Certainty | None = None,
    negated: bool = False,
    category: str = "",
    group: str = "",
    loinc: str = "",
    icd_10_cm: str = "",
    **detail: str | list[str],
) -> ClinicalFact:
    return ClinicalFact(
        kind=kind,
        text=text,
        codes=tuple(
            Code(code=code, system=system, display=text)
            for code, system in ((loinc, LOINC), (icd_10_cm, "http://hl7.org/fhir/sid/icd-10-cm"))
            if code
        ),
        value=value,
        unit=unit,
        flag=flag,
        reference_range=range_,
        time=time,
        end=end,
        status=status,
        certainty=certainty,
        negated=negated,
        category=category,
        group=group,
        details=details(**detail),
        origin=origin or f"{kind}[{text}]",
    )


def note(
    text: str, title: str = "", section: str = "", origin: str = "OBX[9]-5", **more: object
) -> ClinicalNote:
    return ClinicalNote(text=text, title=title, section=section, origin=origin, **more)


def request(
    facts: Sequence[ClinicalFact] = (),
    notes: Sequence[ClinicalNote] = (),
    *,
    purpose: Purpose = Purpose.LONGITUDINAL,
    audience: Audience = Audience.CLINICIAN,
    language: str = "en",
    max_length: int | None = None,
    patient: Patient | None = None,
    encounter: Encounter | None = None,
    unread: Sequence[Unread] = (),
    warnings: Sequence[Caution] = (),
) -> SummarizationRequest:
    return SummarizationRequest(
        id="01J8ZQ3V5K9T4N2M6P",
        partner="epic",
        protocol=Protocol.HL7V2,
        version="2.5.1",
        message_type="ADT^A01",
        control_id="1",
        received_at=RECEIVED,
        task=Task(purpose=purpose, audience=audience, language=language, max_length=max_length),
        patient=patient or Patient(),
        encounter=encounter,
        facts=tuple(facts),
        notes=tuple(notes),
        unread=tuple(unread),
        warnings=tuple(warnings),
    )


MARGARET = Patient(
    identifiers=(Identifier(value="MRN7788123", type="MR"),),
    names=(Name(family="Ashgrove", given=("Margaret", "Ann")),),
    birth_date="1958-03-14",
    sex="female",
    telecoms=("tel:+1-555-0147-22",),
    contacts=(Contact(name=Name(family="Ashgrove", given=("Tobias",))),),
)

_STAY = Encounter(
    visit_numbers=(Identifier(value="V5550001"),),
    encounter_class="IMP",
    status="finished",
    start="2026-03-10T08:00",
    end="2026-03-14T16:00",
    location="4 West",
    service="Cardiology",
    reason="Chest pain",
    disposition="Discharged to home",
    participants=(Participant(role="attending", name=Name(family="Okonkwo", given=("Ngozi",))),),
    origin="PV1[1]",
)

_DISCHARGE_NOTE = """HOSPITAL COURSE: Ms. Ashgrove presented with crushing chest pain. There was concern for pulmonary embolism
on arrival. This was ruled out by CT angiography. Troponin I peaked at 4.2 ng/mL. She underwent coronary
angiography, which showed no obstructive disease of the left main. Metoprolol was started.

REVIEW OF SYSTEMS
Denies:
- fever
- leg swelling

ALLERGIES: Latex causes a rash.

PLAN:
1. Continue aspirin 81 mg daily.
2. Follow up with cardiology in 2 weeks.
3. Return to the emergency department for any of the following:
- chest pain
- bleeding

Electronically signed by N. Okonkwo
"""


def _lab(
    place: int, loinc: str, text: str, value: str | None, unit: str, flag: str, range_: str, **more: str
) -> ClinicalFact:
    given: dict[str, object] = {
        "time": "2026-03-14T06:30-06:00",
        "status": S.FINAL,
        "group": "Basic metabolic panel",
    }
    given.update(more)
    return fact(
        K.RESULT,
        text,
        f"OBX[{place}]-5",
        value=value,
        unit=unit,
        flag=flag,
        range_=range_,
        loinc=loinc,
        **given,
    )


_FACTS = (
    fact(
        K.ALLERGY, "Penicillin", "AL1[1]", category="drug", status=S.ACTIVE, certainty=Certainty.CONFIRMED,
        reaction=["Hives", "Anaphylaxis"], severity="Severe", criticality="high",
    ),
    fact(K.ALLERGY, "known food allergies", "AL1[2]", negated=True),
    fact(K.CONDITION, "Type 2 diabetes mellitus", "PRB[1]", category="problem-list", status=S.ACTIVE, time="2010-05",
         icd_10_cm="E11.9"),
    fact(
        K.CONDITION, "Non-ST elevation myocardial infarction", "DG1[1]", category="discharge-diagnosis", rank="1",
        status=S.ACTIVE,
    ),
    fact(K.CONDITION, "Type 2 diabetes mellitus", "DG1[2]", category="encounter-diagnosis"),
    fact(K.CONDITION, "Pulmonary embolism", "DG1[3]", negated=True, certainty=Certainty.REFUTED),
    fact(K.CONDITION, "Amyloidosis", "PRB[2]", certainty=Certainty.PROVISIONAL, status=S.ACTIVE),
    fact(K.CONDITION, "Pneumonia", "PRB[3]", status=S.RESOLVED, time="2012-01", end="2012-03"),
    fact(
        K.MEDICATION, "Metformin 500 mg tablet", "RXE[1]", category="order", status=S.ACTIVE, dose="500 mg",
        route="oral", frequency="twice daily", instructions="take with food", time="2026-01-02",
    ),
    fact(K.MEDICATION, "Warfarin", "RXE[2]", category="order", status=S.STOPPED, dose="5 mg", reason="bleeding"),
    fact(K.MEDICATION, "Heparin", "RXA[1]", category="administration", negated=True, reason="platelets low"),
    fact(K.MEDICATION, "Morphine", "RXA[2]", category="administration", status=S.COMPLETED, dose="2 mg",
         route="IV", time="2026-03-10T09:00"),
    fact(K.MEDICATION, "Morphine", "RXA[3]", category="administration", status=S.COMPLETED, dose="2 mg",
         route="IV", time="2026-03-10T13:00"),
    _lab(1, "2823-3", "Potassium", "6.80", "mmol/L", "HH", "3.5-5.1", status=S.PRELIMINARY),
    _lab(2, "2823-3", "Potassium", "4.1", "mmol/L", "N", "3.5-5.1", time="2026-03-01T08:00-06:00"),
    _lab(3, "2951-2", "Sodium", "128", "mmol/L", "L", "136-145"),
    _lab(4, "2345-7", "Glucose", "99", "mg/dL", "N", "70-99"),
    _lab(5, "3094-0", "Urea nitrogen", "14", "mg/dL", "", "7-20"),
    _lab(6, "1920-8", "AST", "45", "U/L", "", "10-40"),
    _lab(7, "10839-9", "Troponin I", None, "", "", "", status=S.CANCELLED, group="Troponin"),
    _lab(8, "600-7", "Blood culture", "Gram-positive cocci in clusters", "", "A", "", group="Blood culture"),
    fact(K.VITAL_SIGN, "Systolic blood pressure", "OBX[20]-5", value="142", unit="mm[Hg]", flag="H", loinc="8480-6",
         time="2026-03-14T09:00", status=S.FINAL),
    fact(K.VITAL_SIGN, "Diastolic blood pressure", "OBX[21]-5", value="88", unit="mm[Hg]", loinc="8462-4",
         time="2026-03-14T09:00", status=S.FINAL),
    fact(K.PROCEDURE, "Coronary angiography", "PR1[1]", status=S.COMPLETED, time="2026-03-11"),
    fact(K.PROCEDURE, "Colonoscopy", "PR1[2]", negated=True, status=S.NOT_DONE, reason="patient declined"),
    fact(K.IMMUNIZATION, "Influenza vaccine", "RXA[9]", negated=True, status=S.NOT_DONE, reason="Patient refused"),
    fact(K.IMMUNIZATION, "Tetanus vaccine", "RXA[10]", status=S.COMPLETED, time="2019-06-01"),
    fact(K.FAMILY_HISTORY, "Breast cancer", "OBX[30]-5", relationship="Mother"),
    fact(K.SOCIAL_HISTORY, "Tobacco smoking status", "OBX[31]-5", value="Former smoker", status=S.FINAL),
    fact(K.APPOINTMENT, "Cardiology clinic", "SCH[1]", status=S.PLANNED, time="2026-03-28T10:00"),
    fact(K.DIRECTIVE, "Do not resuscitate", "OBX[32]-5", status=S.ACTIVE),
)  # fmt: skip


def margaret(
    purpose: Purpose, audience: Audience = Audience.CLINICIAN, **more: object
) -> SummarizationRequest:
    """One patient with something for every section."""
    return request(
        _FACTS,
        [note(_DISCHARGE_NOTE, "Discharge summary", "18842-5", "OBX[40]-5", time="2026-03-14")],
        purpose=purpose,
        audience=audience,
        patient=MARGARET,
        encounter=_STAY,
        unread=[
            Unread(origin="OBX[50]-5", reason=UnreadReason.BINARY, what="PDF document, 34 KB"),
            Unread(origin="OBX[51]-5", reason=UnreadReason.WITHDRAWN, what="OBX-11=W Lactate"),
        ],
        warnings=[Caution(code="charset-assumed", text="No character set was declared; UTF-8 was assumed.")],
        **more,
    )


_THINGS = ("Zolpidem", "Fever", "Grippe", "Kalium", "Störung", "Asthma 東", "Hip pain")
_TIMES = (
    "",
    "2020",
    "2026-03",
    "1958-03-14",
    "2026-03-14",
    "2026-03-14T09:30",
    "2026-03-14T09:30:15-06:00",
    "soon",
)
_VALUES = (None, None, "6.80", ">100", "1:128", "128", "-3", "positive", "no growth\nat 5 days", "x" * 300)
_COMMENTS = ("hemolyzed", "called to Margaret Ashgrove", "MRN7788123 checked", "long " * 80)

_SENTENCES = (
    "The patient denies chest pain.", "No evidence of pneumonia.", "Chills.", "This was ruled out.", "Denies:",
    "- fever", "- cough", "PLAN:", "ALLERGIES: NKDA", "ALLERGIES:", "Sulfa | rash | active", "Drug | Reaction | Status",
    "Ms. Ashgrove improved.", "Margaret was seen today.", "DOB 03/14/1958.", "MRN7788123", "Potassium was 6.8 mmol/L",
    "Start aspirin 81 mg p.o. daily", "no known", "Code status: DNR", "Concern for embolism.", "CT showed no embolism.", "",
)  # fmt: skip

_PLAIN_DETAIL = st.sampled_from(("left", "5 mg", "2"))
_FREE_TEXT = st.sampled_from(_COMMENTS)
_DETAILS = {DetailName.COMMENT: _FREE_TEXT, DetailName.INSTRUCTIONS: _FREE_TEXT}


@st.composite
def facts(draw: st.DrawFn) -> tuple[ClinicalFact, ...]:
    """Any facts; each text ends in a number of its own, so that it is found in no other statement."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(FactKind))
        names = draw(st.lists(st.sampled_from(DetailName), max_size=3, unique=True))
        made.append(
            ClinicalFact(
                kind=kind,
                text=f"{draw(st.sampled_from(_THINGS))} q{number}q",
                codes=(Code(code=f"{draw(st.integers(1, 3))}-1", system=LOINC),)
                if draw(st.booleans())
                else (),
                value=draw(st.sampled_from(_VALUES)),
                unit=draw(st.sampled_from(("", "mmol/L", "mg"))),
                flag=draw(st.sampled_from(("", "", "N", "H", "LL", "HH", "A,HH", "weird"))),
                reference_range=draw(st.sampled_from(("", "3.5-5.1", "<5", "M: 13-17"))),
                time=draw(st.sampled_from(_TIMES)),
                end=draw(st.sampled_from(("", "2026-03-20"))),
                status=draw(st.sampled_from(FactStatus)),
                certainty=draw(st.sampled_from((None, *Certainty))),
                negated=draw(st.booleans()),
                category=draw(
                    st.sampled_from(("", "order", "administration", "drug", "problem-list", "past-history"))
                ),
                group=draw(st.sampled_from(("", "Panel"))),
                details=tuple(
                    Detail(name=name, text=draw(_DETAILS.get(name, _PLAIN_DETAIL))) for name in names
                ),
                origin=f"F[{number}]",
            )
        )
    return tuple(made)


NOTE_TEXTS = st.lists(st.sampled_from(_SENTENCES), max_size=20).flatmap(
    lambda sentences: st.sampled_from((" ", "\n", "\n\n", " \n ")).map(
        lambda between: between.join(sentences)
    )
)

REQUESTS = st.builds(
    request,
    facts(),
    st.lists(st.builds(note, NOTE_TEXTS, st.sampled_from(("", "Plan", "Progress note"))), max_size=2),
    purpose=st.sampled_from(Purpose),
    audience=st.sampled_from(Audience),
    patient=st.just(MARGARET),
    encounter=st.sampled_from((None, _STAY)),
).filter(lambda made: bool(made.facts or made.notes or made.encounter))


def section_lines(made: SummarizationRequest, section: SummarySection) -> list[str]:
    """The lines of one section of the request's summary."""
    return [each.text for each in summarize(made).statements if each.section is section]


def lines_of(section: SummarySection, *given: ClinicalFact, **more: object) -> list[str]:
    return section_lines(request(given, **more), section)
