"""Condition, AllergyIntolerance and FamilyMemberHistory: what the patient and the family have."""

from collections.abc import Sequence

from gateway.clinical import Certainty, ClinicalFact, Detail, DetailName, FactKind, FactStatus, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import comments, detail, details, measure_text
from translators.fhir.elements import (
    Concept,
    boolean,
    children,
    choice,
    codes_in,
    concept,
    concepts,
    status_code,
    string,
    strings,
    texts_in,
    words,
)
from translators.fhir.json_guard import Element
from translators.fhir.modifiers import exposure_risk
from translators.fhir.scope import Scope

_CLINICAL = {  # condition-clinical, allergyintolerance-clinical
    "active": FactStatus.ACTIVE,
    "recurrence": FactStatus.ACTIVE,
    "relapse": FactStatus.ACTIVE,
    "inactive": FactStatus.INACTIVE,
    "remission": FactStatus.INACTIVE,
    "resolved": FactStatus.RESOLVED,
}

_CERTAINTY = {  # condition-ver-status, allergyintolerance-verification
    "confirmed": Certainty.CONFIRMED,
    "provisional": Certainty.PROVISIONAL,
    "differential": Certainty.DIFFERENTIAL,
    "unconfirmed": Certainty.UNCONFIRMED,
    "presumed": Certainty.UNCONFIRMED,
    "refuted": Certainty.REFUTED,
}

_VERIFIED = ("entered-in-error", "refuted", *_CERTAINTY)
"""What takes back or denies counts before what does not, where a system sends several."""

_CLINICAL_CODES = tuple(_CLINICAL)

_CONDITION_CATEGORY = {
    "problem-list-item": "problem-list",
    "encounter-diagnosis": "encounter-diagnosis",
    "health-concern": "health-concern",
}
_PAST_ILLNESS = "11348-0"

_ALLERGY_CATEGORY = {"medication": "drug"}


def read_condition(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    clinical, verified = _statuses(resource)
    if verified == "entered-in-error":
        return scope.withdrawn(entry, f"verificationStatus={verified}", code.text)
    stated = scope.stated(entry, FactKind.CONDITION, code, verified == "refuted")
    if stated is None:
        return None
    start, end = _onset(entry, scope), _abatement(entry, scope)
    status = _CLINICAL.get(clinical, FactStatus.UNKNOWN)
    scope.add(
        ClinicalFact(
            kind=FactKind.CONDITION,
            text=stated[0],
            codes=code.codes,
            time=start[0],
            end=end[0] or start[1],
            status=status,
            status_sent=_sent(clinical, verified),
            certainty=_certainty(verified),
            negated=stated[1],
            category=_condition_category(entry, scope),
            details=(
                *detail(DetailName.SEVERITY, concept(resource, "severity").text),
                *details(
                    DetailName.STAGE, [concept(each, "summary").text for each in children(resource, "stage")]
                ),
                *details(DetailName.SITE, texts_in(resource, "bodySite")),
                *detail(DetailName.ONSET, start[2]),
                *detail(DetailName.OUTCOME, end[1]),
                *_unknown_statuses(clinical, verified),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def read_allergy(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    reactions = children(resource, "reaction")
    if not code.text:  # the substance may stand with each reaction only
        substances = [concept(each, "substance") for each in reactions]
        code = next((each for each in substances if each.text), code)
    exposure = exposure_risk(resource)
    if exposure:
        code = concept(exposure[0], "code")
        scope.caution("modifier-extension", "The substance stands in a modifier extension", entry.origin)
    clinical, verified = _statuses(resource)
    if verified == "entered-in-error":
        return scope.withdrawn(entry, f"verificationStatus={verified}", code.text)
    no_risk = exposure is not None and exposure[1]
    if no_risk and verified == "refuted":
        raise GatewayError(ErrorKind.INVALID_VALUE, public="it denies that there is no risk")
    stated = scope.stated(entry, FactKind.ALLERGY, code, no_risk or verified == "refuted")
    if stated is None:
        return None
    start = _onset(entry, scope)
    status = _CLINICAL.get(clinical, FactStatus.UNKNOWN)
    categories = [_ALLERGY_CATEGORY.get(each, each) for each in strings(resource, "category")]
    scope.add(
        ClinicalFact(
            kind=FactKind.ALLERGY,
            text=stated[0],
            codes=code.codes,
            time=start[0],
            status=status,
            status_sent=_sent(clinical, verified),
            certainty=_certainty(verified),
            negated=stated[1],
            category=", ".join(categories),
            details=(
                *_reactions(reactions, code.text),
                *detail(DetailName.CRITICALITY, string(resource, "criticality").replace("-", " ")),
                *detail(DetailName.ONSET, start[2]),
                *detail(
                    DetailName.COMMENT, "intolerance" if string(resource, "type") == "intolerance" else ""
                ),
                *_unknown_statuses(clinical, verified),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def read_family_history(entry: Entry, scope: Scope) -> None:
    """One fact for each condition of the relative; the relative's name is not taken."""
    resource = entry.resource
    sent = string(resource, "status")
    relative = concept(resource, "relationship").text
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", relative)
    status = {"partial": FactStatus.PARTIAL, "completed": FactStatus.COMPLETED}.get(sent, FactStatus.UNKNOWN)
    about = (*detail(DetailName.RELATIONSHIP, relative), *detail(DetailName.OUTCOME, _death(resource)))
    conditions = children(resource, "condition")
    for index, each in enumerate(conditions):
        code = concept(each, "code")
        if not code.text:
            scope.leave_out(
                f"{entry.origin}.condition[{index}]", UnreadReason.NO_INFORMATION, "family history"
            )
            continue
        scope.add(
            _family_fact(
                entry, f"{entry.origin}.condition[{index}]", code, status, sent, (*about, *_of_relative(each))
            )
        )
    remarks = comments(resource)
    if not conditions and (remarks or _death(resource)):
        scope.add(
            _family_fact(entry, entry.origin, Concept("family history"), status, sent, (*about, *remarks))
        )
    elif not conditions:
        what = f"family history: {relative}: {sent}".replace(": :", ":")
        scope.leave_out(entry.origin, UnreadReason.NO_INFORMATION, what)
    return scope.narrative(entry, status)


def _family_fact(
    entry: Entry, origin: str, code: Concept, status: FactStatus, sent: str, about: tuple[Detail, ...]
) -> ClinicalFact:
    date = string(entry.resource, "date")
    return ClinicalFact(
        kind=FactKind.FAMILY_HISTORY,
        text=code.text,
        codes=code.codes,
        time=date,
        status=status,
        status_sent=f"status={sent}" if sent else "",
        details=about,
        origin=origin,
    )


def _of_relative(condition: Element) -> tuple[Detail, ...]:
    died_of_it = boolean(condition, "contributedToDeath")
    return (
        *detail(DetailName.ONSET, measure_text(condition, "onset")),
        *detail(DetailName.OUTCOME, concept(condition, "outcome").text),
        *detail(DetailName.OUTCOME, "contributed to death" if died_of_it else ""),
        *comments(condition),
    )


def _death(resource: Element) -> str:
    name = choice(resource, "deceased")
    if not name or (name == "deceasedBoolean" and not boolean(resource, name)):
        return ""
    when = "" if name == "deceasedBoolean" else measure_text(resource, "deceased")
    return f"deceased {when}".strip()


def _statuses(resource: Element) -> tuple[str, str]:
    return (
        status_code(resource, "clinicalStatus", _CLINICAL_CODES),
        status_code(resource, "verificationStatus", _VERIFIED),
    )


def _certainty(verified: str) -> Certainty | None:
    """A code that is not known may say that it is not so: never taken for confirmed."""
    return _CERTAINTY.get(verified, Certainty.UNCONFIRMED) if verified else None


def _unknown_statuses(clinical: str, verified: str) -> tuple[Detail, ...]:
    sent = (("clinical status", clinical, _CLINICAL), ("verification status", verified, _CERTAINTY))
    return details(
        DetailName.COMMENT, [f"{name}: {code}" for name, code, known in sent if code and code not in known]
    )


def _sent(clinical: str, verified: str) -> str:
    parts = (("clinicalStatus", clinical), ("verificationStatus", verified))
    return ", ".join([f"{name}={code}" for name, code in parts if code])


def _onset(entry: Entry, scope: Scope) -> tuple[str, str, str]:
    """Start, end, and what is said of it in other ways: `at 45 a`, `since childhood`."""
    start, end = scope.time(entry, "onset")
    if start or end:
        return start, end, ""
    return "", "", measure_text(entry.resource, "onset")


def _abatement(entry: Entry, scope: Scope) -> tuple[str, str]:
    """When it ended, and what is said of its end in other ways."""
    start, end = scope.time(entry, "abatement")
    if start or end:
        return end or start, ""
    said = measure_text(entry.resource, "abatement")
    return "", f"abated: {said}" if said else ""


def _condition_category(entry: Entry, scope: Scope) -> str:
    of_encounter = scope.diagnoses.get(entry.origin)
    if of_encounter:
        return of_encounter
    if scope.sections.get(entry.origin) == _PAST_ILLNESS:
        return "past-history"
    for code in codes_in(entry.resource, "category"):
        if code in _CONDITION_CATEGORY:
            return _CONDITION_CATEGORY[code]
    return ""


def _reactions(reactions: Sequence[Element], substance: str) -> tuple[Detail, ...]:
    """Every manifestation, each followed by the severity of its reaction where it has one."""
    found: list[Detail] = []
    for each in reactions:
        shown = [manifestation.text for manifestation in concepts(each, "manifestation")]
        found += details(DetailName.REACTION, shown or [words(each, "description")])
        found += detail(DetailName.SEVERITY, string(each, "severity"))
        found += detail(DetailName.ROUTE, concept(each, "exposureRoute").text)
        to = concept(each, "substance").text
        found += detail(DetailName.COMMENT, f"reaction to {to}" if to and to != substance else "")
        found += comments(each)
    return tuple(found)
