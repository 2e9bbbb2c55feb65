"""What a statement is: by its templates, then by the section it stands in, then by its form and mood."""

from collections.abc import Iterable
from enum import Enum, auto

from translators.cda.roles import AT_RISK, Role
from translators.cda.sections import SectionKind
from translators.cda.statement import PLANNED_MOODS, Statement
from translators.cda.tags import (
    ACT,
    ENCOUNTER,
    OBSERVATION,
    OBSERVATION_MEDIA,
    ORGANIZER,
    PROCEDURE,
    SUBSTANCE_ADMINISTRATION,
    SUPPLY,
    template_roots,
)


class StatementKind(Enum):
    ALLERGY = auto()
    PROBLEM = auto()
    MEDICATION = auto()
    IMMUNIZATION = auto()
    DISPENSE = auto()
    RESULT = auto()
    SOCIAL = auto()
    FAMILY = auto()
    FUNCTIONAL = auto()
    ASSESSMENT = auto()
    DIRECTIVE = auto()
    PROCEDURE = auto()
    DEVICE = auto()
    ENCOUNTER = auto()
    APPOINTMENT = auto()
    ORDER = auto()
    GOAL = auto()
    INSTRUCTION = auto()
    NOTE = auto()
    MEDIA = auto()
    WRAPPER = auto()
    """It says nothing itself; the statements in it do: a concern, an organizer, an encounter's diagnosis."""
    ASIDE = auto()
    """Nothing clinical that is not said elsewhere: a pointer to another entry, a label, a preference."""
    IMAGE_POINTER = auto()
    UNSUPPORTED = auto()


_K = StatementKind
KNOWN_MOODS = PLANNED_MOODS | {"EVN", "GOL"}


def _under(prefix: str, kinds: dict[str, StatementKind]) -> dict[str, StatementKind]:
    return {prefix + last: kind for last, kind in kinds.items()}


_BY_TEMPLATE: dict[str, StatementKind] = {
    **_under(
        "2.16.840.1.113883.10.20.22.4.",
        {
            "1": _K.WRAPPER,  # result organizer
            "2": _K.RESULT,
            "3": _K.WRAPPER,  # problem concern
            "4": _K.PROBLEM,
            "7": _K.ALLERGY,
            "12": _K.PROCEDURE,
            "13": _K.PROCEDURE,
            "14": _K.PROCEDURE,
            "16": _K.MEDICATION,
            "17": _K.DISPENSE,
            "18": _K.DISPENSE,
            "20": _K.INSTRUCTION,
            "26": _K.WRAPPER,  # vital signs organizer
            "27": _K.RESULT,
            "30": _K.WRAPPER,  # allergy concern
            "33": _K.WRAPPER,  # discharge diagnosis
            "34": _K.WRAPPER,  # admission diagnosis
            "35": _K.WRAPPER,  # discharge medication
            "36": _K.WRAPPER,  # admission medication
            "38": _K.SOCIAL,
            "39": _K.ORDER,
            "40": _K.APPOINTMENT,
            "41": _K.ORDER,
            "42": _K.MEDICATION,
            "45": _K.WRAPPER,  # family history organizer
            "46": _K.FAMILY,
            "48": _K.DIRECTIVE,
            "49": _K.ENCOUNTER,
            "50": _K.DEVICE,
            "51": _K.WRAPPER,  # postprocedure diagnosis
            "52": _K.IMMUNIZATION,
            "60": _K.UNSUPPORTED,  # coverage
            "63": _K.IMAGE_POINTER,
            "65": _K.WRAPPER,  # preoperative diagnosis
            "66": _K.WRAPPER,  # functional status organizer
            "67": _K.FUNCTIONAL,
            "68": _K.FUNCTIONAL,
            "69": _K.FUNCTIONAL,
            "72": _K.SOCIAL,
            "73": _K.FUNCTIONAL,
            "74": _K.FUNCTIONAL,
            "75": _K.WRAPPER,  # mental status organizer
            "78": _K.SOCIAL,
            "80": _K.WRAPPER,  # encounter diagnosis
            "85": _K.SOCIAL,
            "86": _K.FUNCTIONAL,
            "90": _K.ALLERGY,
            "108": _K.WRAPPER,  # advance directive organizer
            "109": _K.SOCIAL,
            "111": _K.SOCIAL,
            "114": _K.ASSESSMENT,
            "120": _K.IMMUNIZATION,
            "121": _K.GOAL,
            "122": _K.ASIDE,
            "124": _K.ASSESSMENT,
            "128": _K.FUNCTIONAL,
            "130": _K.ORDER,
            "131": _K.WRAPPER,  # intervention
            "132": _K.WRAPPER,  # health concern
            "135": _K.WRAPPER,  # medical equipment organizer
            "136": _K.WRAPPER,  # risk concern
            "138": _K.ASSESSMENT,
            "140": _K.ORDER,
            "141": _K.ASIDE,  # handoff
            "143": _K.ASIDE,
            "144": _K.ASSESSMENT,
            "146": _K.WRAPPER,  # planned intervention
            "200": _K.SOCIAL,
            "202": _K.NOTE,
            "500": _K.UNSUPPORTED,  # care team
        },
    ),
    **_under(
        "2.16.840.1.113883.10.20.1.",  # CCD R1, which C32 keeps; 27 and 28 stand for allergies too
        {
            "17": _K.DIRECTIVE,
            "18": _K.ALLERGY,
            "20": _K.UNSUPPORTED,  # coverage
            "21": _K.ENCOUNTER,
            "22": _K.FAMILY,
            "23": _K.WRAPPER,
            "24": _K.MEDICATION,
            "27": _K.WRAPPER,
            "29": _K.PROCEDURE,
            "31": _K.RESULT,
            "32": _K.WRAPPER,
            "33": _K.SOCIAL,
            "34": _K.DISPENSE,
            "35": _K.WRAPPER,
            "49": _K.INSTRUCTION,
        },
    ),
    **_under(
        "2.16.840.1.113883.10.20.6.2.",  # diagnostic imaging
        {"6": _K.IMAGE_POINTER, "8": _K.IMAGE_POINTER, "10": _K.IMAGE_POINTER, "11": _K.IMAGE_POINTER},
    ),
    "2.16.840.1.113883.10.20.15.3.8": _K.SOCIAL,  # pregnancy
    "2.16.840.1.113883.3.3251.1.4": _K.ASIDE,  # DS4P security labels, read as labels
    "2.16.840.1.113883.3.445.21": _K.ASIDE,
    "2.16.840.1.113883.10.20.24.3.55": _K.UNSUPPORTED,  # payer
}

_CONCERN = {ACT: _K.WRAPPER, ORGANIZER: _K.WRAPPER}
_BY_SECTION: dict[SectionKind, dict[str, StatementKind]] = {
    SectionKind.ALLERGIES: {**_CONCERN, OBSERVATION: _K.ALLERGY},
    SectionKind.PROBLEMS: {**_CONCERN, OBSERVATION: _K.PROBLEM},
    SectionKind.MEDICATIONS: {**_CONCERN, SUBSTANCE_ADMINISTRATION: _K.MEDICATION, SUPPLY: _K.DISPENSE},
    SectionKind.IMMUNIZATIONS: {SUBSTANCE_ADMINISTRATION: _K.IMMUNIZATION},
    SectionKind.RESULTS: {OBSERVATION: _K.RESULT},
    SectionKind.VITAL_SIGNS: {OBSERVATION: _K.RESULT},
    SectionKind.PROCEDURES: {OBSERVATION: _K.PROCEDURE, ACT: _K.PROCEDURE},
    SectionKind.ENCOUNTERS: {**_CONCERN, OBSERVATION: _K.PROBLEM},
    SectionKind.GOALS: {OBSERVATION: _K.GOAL},
    SectionKind.INSTRUCTIONS: {ACT: _K.INSTRUCTION},
    SectionKind.SOCIAL_HISTORY: {OBSERVATION: _K.SOCIAL},
    SectionKind.FAMILY_HISTORY: {OBSERVATION: _K.FAMILY},
    SectionKind.FUNCTIONAL_STATUS: {OBSERVATION: _K.FUNCTIONAL},
    SectionKind.DEVICES: {SUPPLY: _K.DEVICE},
    SectionKind.DIRECTIVES: {OBSERVATION: _K.DIRECTIVE},
    SectionKind.PAYERS: {ACT: _K.UNSUPPORTED},
    SectionKind.MEASURES: {ORGANIZER: _K.UNSUPPORTED},
    SectionKind.CARE_TEAM: {ORGANIZER: _K.UNSUPPORTED, ACT: _K.UNSUPPORTED},
}
_BY_FORM: dict[str, StatementKind] = {
    ACT: _K.WRAPPER,
    ENCOUNTER: _K.ENCOUNTER,
    OBSERVATION: _K.ASSESSMENT,
    OBSERVATION_MEDIA: _K.MEDIA,
    ORGANIZER: _K.WRAPPER,
    PROCEDURE: _K.PROCEDURE,
    SUBSTANCE_ADMINISTRATION: _K.MEDICATION,
    SUPPLY: _K.DEVICE,
}
_ORDERED_WHEN_PLANNED = frozenset(
    {_K.RESULT, _K.SOCIAL, _K.FUNCTIONAL, _K.ASSESSMENT, _K.PROBLEM, _K.PROCEDURE, _K.ORDER, _K.GOAL}
)


def kind_of(statement: Statement) -> StatementKind:
    tag = str(statement.element.tag)
    kind = by_template(template_roots(statement.element), statement.place.kind, tag)
    if kind is None and tag == ACT and statement.code == _NOTE:
        kind = _K.NOTE
    if kind is None:
        kind = _BY_SECTION.get(statement.place.kind, {}).get(tag) or _BY_FORM.get(tag, _K.UNSUPPORTED)
    if statement.mood != "EVN":
        kind = _in_mood(kind, statement.mood)
    if kind is _K.PROBLEM and statement.code == AT_RISK:
        return _K.ASSESSMENT  # at risk of a disease is not having it
    return kind


_NOTE = "34109-9"


def by_template(roots: Iterable[str], section: SectionKind, tag: str) -> StatementKind | None:
    """What the templates say. Where they disagree, as C32's do, the section's own kind wins if among them."""
    kinds = [_BY_TEMPLATE[root] for root in roots if root in _BY_TEMPLATE]
    if len(kinds) < 2:
        return kinds[0] if kinds else None
    expected = _BY_SECTION.get(section, {}).get(tag)
    return expected if expected in kinds else kinds[0]


def _in_mood(kind: StatementKind, mood: str) -> StatementKind:
    if kind in _ORDERED_WHEN_PLANNED:
        return _K.GOAL if mood == "GOL" else _K.ORDER
    return _K.APPOINTMENT if kind is _K.ENCOUNTER else kind


_NESTED = frozenset(
    {
        _K.PROBLEM,
        _K.PROCEDURE,
        _K.RESULT,
        _K.DEVICE,
        _K.ASSESSMENT,
        _K.WRAPPER,
        _K.IMMUNIZATION,
        _K.FUNCTIONAL,
    }
)
_SCALES = frozenset({_K.RESULT, _K.FUNCTIONAL, _K.ASSESSMENT, _K.SOCIAL})
_DIAGNOSIS = "29308-4"


def stands_alone(inner: Statement, role: Role, outer: StatementKind) -> bool:
    """A nested statement that is a fact of its own: a diagnosis of an encounter, an item of a scale."""
    tag = str(inner.element.tag)
    if by_template(template_roots(inner.element), inner.place.kind, tag) in _NESTED:
        return True
    if tag == OBSERVATION:
        return role is Role.PART and outer in _SCALES
    return tag == ACT and inner.code == _DIAGNOSIS
