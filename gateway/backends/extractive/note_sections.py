"""Which part of a summary a section of a note speaks to, and how much its sentences weigh."""

from dataclasses import dataclass

from gateway.clinical import FactKind
from gateway.summary import SummarySection

_S = SummarySection
_K = FactKind


@dataclass(frozen=True, slots=True)
class NoteSection:
    part: SummarySection
    weight: float
    covered_by: frozenset[FactKind] = frozenset()
    """Facts of these kinds say what the section says."""
    is_list: bool = False
    """Its lines are entries of equal weight, all taken where no facts cover them; a paragraph that
    follows after a blank line is not of it."""


_TABLE: tuple[tuple[str, str, NoteSection], ...] = (
    # LOINC codes; headings in lower case, parted by commas; what they stand for
    (
        "48765-2",
        (
            "allergies, allergy, drug allergies, medication allergies, allergies and adverse reactions,"
            " allergies and intolerances, adverse reactions, allergies adverse reactions alerts"
        ),
        NoteSection(_S.ALLERGIES, 3.0, frozenset({_K.ALLERGY}), is_list=True),
    ),
    (
        "10160-0 10183-2 42346-7 29549-3 75311-1 66149-6",
        (
            "medications, current medications, home medications, discharge medications, medications on"
            " discharge, medications on admission, admission medications, medication list, outpatient"
            " medications, meds, medications administered, prescriptions"
        ),
        NoteSection(_S.MEDICATIONS, 1.5, frozenset({_K.MEDICATION}), is_list=True),
    ),
    (
        "11450-4 46241-6 11535-2 75310-3 29308-4 10219-4 10218-6",
        (
            "problems, problem list, active problems, diagnoses, diagnosis, discharge diagnosis,"
            " discharge diagnoses, admission diagnosis, admitting diagnosis, admission diagnoses, final"
            " diagnosis, principal diagnosis, primary diagnosis, secondary diagnoses, health concerns,"
            " preoperative diagnosis, postoperative diagnosis"
        ),
        NoteSection(_S.PROBLEMS, 2.5, frozenset({_K.CONDITION}), is_list=True),
    ),
    (
        "11348-0",
        "past medical history, medical history, past history, pmh, pmhx, history of past illness",
        NoteSection(_S.PROBLEMS, 1.0, frozenset({_K.CONDITION}), is_list=True),
    ),
    (
        "30954-2 11493-4",
        (
            "results, labs, laboratory data, laboratory results, lab results, pertinent results, studies,"
            " hospital discharge studies, diagnostic studies, laboratory"
        ),
        NoteSection(_S.RESULTS, 1.5, frozenset({_K.RESULT})),
    ),
    ("8716-3", "vital signs, vitals", NoteSection(_S.VITAL_SIGNS, 0.5, frozenset({_K.VITAL_SIGN}))),
    (
        "47519-4 29554-3 59768-2 59776-5",
        (
            "procedures, procedure, operations, past surgical history, surgical history, psh,"
            " operations and procedures, procedures performed"
        ),
        NoteSection(_S.PROCEDURES, 1.0, frozenset({_K.PROCEDURE}), is_list=True),
    ),
    (
        "46264-8",
        "medical equipment, devices",
        NoteSection(_S.PROCEDURES, 0.5, frozenset({_K.DEVICE}), is_list=True),
    ),
    (
        "11369-6",
        "immunizations, immunization history, vaccinations",
        NoteSection(_S.IMMUNIZATIONS, 0.5, frozenset({_K.IMMUNIZATION}), is_list=True),
    ),
    ("46240-8", "encounters", NoteSection(_S.COURSE, 0.5, frozenset({_K.ENCOUNTER}))),
    (
        "29762-2",
        "social history, social hx",
        NoteSection(_S.HISTORY, 0.5, frozenset({_K.SOCIAL_HISTORY})),
    ),
    (
        "10157-6",
        "family history, family hx, family medical history",
        NoteSection(_S.HISTORY, 0.5, frozenset({_K.FAMILY_HISTORY})),
    ),
    (
        "47420-5 10190-7 61144-2",
        "functional status, mental status, nutrition, cognitive status",
        NoteSection(_S.HISTORY, 0.5, frozenset({_K.FUNCTIONAL_STATUS})),
    ),
    (
        "42348-3",
        "advance directives, code status, resuscitation status, advance directive",
        NoteSection(_S.OVERVIEW, 4.0, frozenset({_K.DIRECTIVE}), is_list=True),
    ),
    (
        "8648-8",
        (
            "hospital course, course of care, brief hospital course, hospital course and treatment, ed"
            " course, emergency department course, course in hospital, clinical course"
        ),
        NoteSection(_S.COURSE, 3.0),
    ),
    (
        "46239-0 10154-3 29299-5 42349-1",
        (
            "chief complaint, reason for visit, reason for admission, reason for referral, reason for"
            " consultation, presenting complaint, chief complaint and reason for visit, cc"
        ),
        NoteSection(_S.COURSE, 3.0),
    ),
    (
        "51848-0 51852-2 19005-8",
        (
            "assessment, impression, impressions, clinical impression, conclusion, conclusions, opinion,"
            " summary, interpretation, final impression, findings and impression, evaluation"
        ),
        NoteSection(_S.NOTES, 3.0),
    ),
    (
        "51847-2 18776-5 69730-0 8653-8 61146-7",
        (
            "plan, assessment and plan, assessment/plan, a/p, a&p, impression and plan, plan of care,"
            " plan of treatment, treatment plan, recommendations, recommendation, discharge instructions,"
            " hospital discharge instructions, instructions, patient instructions, follow up, follow-up,"
            " followup, discharge plan, disposition and follow-up, disposition, discharge disposition,"
            " goals, pending results, pending labs, pending studies, discharge follow-up, return"
            " precautions, next steps"
        ),
        NoteSection(_S.PLAN, 3.0, frozenset({_K.ORDER, _K.APPOINTMENT, _K.GOAL, _K.CARE_PLAN})),
    ),
    (
        "10164-2",
        (
            "history of present illness, hpi, history, present illness, interval history, clinical"
            " history, subjective, brief history, history and physical, indication, clinical information,"
            " interval events"
        ),
        NoteSection(_S.NOTES, 2.5),
    ),
    (
        "",
        "disclaimer, methodology, methods and limitations, technical information",
        NoteSection(_S.NOTES, -100.0),
    ),
    (
        "59769-0 8724-7 10216-0 59773-2 59770-8",
        "findings, operative findings, complications, description of procedure, procedure details, technique",
        NoteSection(_S.NOTES, 1.5),
    ),
    (
        "48768-6 85847-2",
        (
            "insurance, payers, payer, insurance providers, health insurance, guarantor, care team, care"
            " teams, patient care team, demographics, emergency contact, emergency contacts, next of kin,"
            " contact information, patient information, documentation of, author, signature, signatures"
        ),
        NoteSection(_S.NOTES, -100.0),  # names and numbers, nothing clinical
    ),
    (
        "10187-3 29545-1 10184-0 10210-3",
        (
            "review of systems, ros, physical exam, physical examination, exam, objective, discharge exam,"
            " hospital discharge physical, examination, pertinent negatives, pertinent positives"
        ),
        NoteSection(_S.NOTES, 0.5),
    ),
)

OTHER = NoteSection(_S.NOTES, 1.0)
"""Notes and headings that the table does not know."""

BY_CODE: dict[str, NoteSection] = {code: section for codes, _, section in _TABLE for code in codes.split()}
BY_HEADING: dict[str, NoteSection] = {
    heading.strip(): section for _, headings, section in _TABLE for heading in headings.split(",")
}

_LONGEST_HEADING = max(map(len, BY_HEADING))
AROUND = " \t:.*#=_-–—[]"


def of_heading(text: str) -> NoteSection | None:
    """The section of a heading as written, `** PLAN: **`; None when the table does not know it."""
    if len(text) > _LONGEST_HEADING + 12:
        return None
    plain = text.strip(AROUND).casefold()
    return BY_HEADING.get(plain) or (BY_HEADING.get(" ".join(plain.split())) if "  " in plain else None)
