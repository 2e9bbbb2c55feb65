"""What stands beside a fact: comments, instructions, reasons and the like, which every kind of entry has."""

from collections.abc import Sequence, Set

from gateway.clinical import Detail, DetailName
from translators.cda.datatypes import Quantity, code_of, quantity
from translators.cda.observed import observed
from translators.cda.roles import Role
from translators.cda.statement import Statement
from translators.cda.statement_kinds import StatementKind, stands_alone
from translators.cda.status import standing_of
from translators.cda.tags import ACT, CODE, OBSERVATION, VALUE

_DETAIL_OF: dict[Role, DetailName] = {
    Role.COMMENT: DetailName.COMMENT,
    Role.INSTRUCTION: DetailName.INSTRUCTIONS,
    Role.FREE_TEXT_SIG: DetailName.INSTRUCTIONS,
    Role.REASON: DetailName.REASON,
}


_REMARKS = frozenset({Role.OTHER, Role.PART})


def nested_details(statement: Statement, remarks: Set[Role] = _REMARKS) -> list[Detail]:
    """Comments, instructions and reasons, which mean the same in every kind of statement.

    What hangs on a statement in no known way ("failed attempted procedure") becomes a comment too,
    because it may change what the statement means; not where it is read as a statement of its own.
    `remarks` are the roles of what may be such a comment.
    """
    details: dict[Detail, None] = {}
    for role, inner in statement.nested():
        if role in remarks:
            text = "" if stands_alone(inner, role, StatementKind.WRAPPER) else _remark(inner)
        elif role is Role.STATUS:
            said = inner.concept(VALUE)
            text = f"status: {said.text}" if said.text and standing_of(said) is None else ""
        elif role in _DETAIL_OF:
            text = reason(inner) if role is Role.REASON else inner.written() or _topic(inner, role)
        else:
            continue
        if text:
            details[Detail(name=_DETAIL_OF.get(role, DetailName.COMMENT), text=text)] = None
    return list(details)


_NO_TOPICS = frozenset(("instruction", "instructions", "patient instructions"))


def _topic(inner: Statement, role: Role) -> str:
    """Of an instruction without text, what it is about: "Immunization education"."""
    name = _code_name(inner) if role is Role.INSTRUCTION else ""
    return "" if name.lower() in _NO_TOPICS else name


def _remark(inner: Statement) -> str:
    if inner.element.tag not in (ACT, OBSERVATION):
        return ""
    value = _value(inner)
    name = "" if inner.asserts_its_value() else _code_name(inner)
    text = ": ".join(each for each in (name, value) if each)
    return f"not {text}" if text and inner.negated else text


def reason(inner: Statement) -> str:
    """What an indication or refusal says: the value, else a code that is more than "assertion"."""
    if inner.element.tag == ACT and inner.nested():
        return ", ".join(filter(None, (reason(each) for role, each in inner.nested() if role is Role.OTHER)))
    value = _value(inner)
    if value:
        return f"not {value}" if inner.negated else value
    if code_of(inner.parts.get(CODE)) in ("ASSERTION", "77301-0", ""):
        return inner.written()
    return _code_name(inner) or inner.written()


def _value(inner: Statement) -> str:
    value = inner.parts.get(VALUE)
    if value is None:
        return ""
    read = observed(value, inner.place.narrative)
    return str(Quantity(read.text.replace("\n", " "), read.unit))


def _code_name(inner: Statement) -> str:
    names = inner.concept().names
    return names[0] if names else ""


_ORDER = {
    name: rank
    for rank, names in enumerate(
        (
            (DetailName.RELATIONSHIP,),
            (DetailName.STRENGTH,),
            (DetailName.FORM,),
            (DetailName.DOSE,),
            (DetailName.ROUTE,),
            (DetailName.FREQUENCY,),
            (DetailName.REACTION, DetailName.SEVERITY),  # a severity follows its reaction
            (DetailName.CRITICALITY,),
            (DetailName.STAGE,),
            (DetailName.RANK,),
            (DetailName.SPECIMEN,),
            (DetailName.SITE,),
            (DetailName.LATERALITY,),
            (DetailName.METHOD,),
            (DetailName.ONSET,),
            (DetailName.INSTRUCTIONS,),
            (DetailName.QUANTITY,),
            (DetailName.PRIORITY,),
            (DetailName.LOT,),
            (DetailName.MANUFACTURER,),
            (DetailName.LOCATION,),
            (DetailName.REASON,),
            (DetailName.OUTCOME,),
            (DetailName.COMMENT,),
        )
    )
    for name in names
}


def in_order(details: Sequence[Detail]) -> tuple[Detail, ...]:
    """As every protocol gives them, whatever order their entry has."""
    if len(details) < 2:
        return tuple(details)
    return tuple(sorted(details, key=lambda each: _ORDER.get(each.name, len(_ORDER))))


def detail(name: DetailName, text: str) -> list[Detail]:
    return [Detail(name=name, text=text)] if text else []


def shared_word(name: DetailName, inner: Statement, words: dict[str, str]) -> list[Detail]:
    """A coded grade in words that every protocol shares, else in the source's own."""
    said = inner.concept(VALUE)
    known = next((words[code.code] for code in said.codes if code.code in words), "")
    return detail(name, known or said.text or inner.written())


SEVERITY_WORDS = {  # SNOMED CT; FHIR's words, so that the same severity reads the same
    "255604002": "mild",
    "371923003": "mild to moderate",
    "6736007": "moderate",
    "371924009": "moderate to severe",
    "24484000": "severe",
    "399166001": "fatal",
}
_AGE_UNITS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}


def age_at_onset(inner: Statement) -> list[Detail]:
    age = quantity(inner.parts.get(VALUE))
    if age is None:
        return []
    return detail(DetailName.ONSET, f"at age {age.value} {_AGE_UNITS.get(age.unit, age.unit)}".strip())
