"""What a patient's consents say of a request. Pure.

A consent that denies overrides those that permit; what of a consent could not be read denies.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from gateway.clinical import Consent, Identifier
from gateway.identity.consents import ConsentSource
from gateway.policy.sensitive import is_protected
from gateway.records import NamedConsent
from gateway.values import carrier

PART2 = "PART2"
"""Among the purposes that need a consent: whatever is labelled as of substance use."""


class ConsentVerdict(StrEnum):
    UNKNOWN = "unknown"
    """Of a query, until what it asks for is found: then it is decided again."""
    NONE = "none"
    """No consent speaks of it."""
    PERMIT = "permit"
    DENY = "deny"


@carrier
class Heard:
    verdict: ConsentVerdict
    by: tuple[NamedConsent, ...] = ()
    """The consents that say so, each once."""


_NOTHING_SAID = Heard(ConsentVerdict.NONE)


def consent_of(
    source: ConsentSource,
    identifiers: Iterable[Identifier],
    sent: Sequence[Consent],
    purposes: Sequence[str],
    sensitivity: Sequence[str],
    day: date,
) -> Heard:
    """`sent`: consents that came with the message; `sensitivity`: labels of the content."""
    heard = [consent for consent in sent if source.trusts_message or not consent.permits]
    spoken = [each for each in (*source.about(identifiers), *heard) if _is_in_force(each, day)]
    if not spoken:
        return _NOTHING_SAID
    denying = [each for each in spoken if not each.permits and _denies(each, purposes, sensitivity)]
    if denying:
        return Heard(ConsentVerdict.DENY, _names(denying))
    permitting = [each for each in spoken if each.permits and _permits(each, purposes, sensitivity)]
    if permitting:
        return Heard(ConsentVerdict.PERMIT, _names(permitting))
    return _NOTHING_SAID


def _names(consents: Iterable[Consent]) -> tuple[NamedConsent, ...]:
    named = (NamedConsent(each.reference or each.origin, each.sha256) for each in consents)
    return tuple(dict.fromkeys(named))


def _is_in_force(consent: Consent, day: date) -> bool:
    """Dates as ISO 8601; a partial one covers all of its days, and so is compared as far as it goes."""
    today = day.isoformat()
    begin, end = consent.start[:10], consent.end[:10]
    return (not begin or begin <= today[: len(begin)]) and (not end or today[: len(end)] <= end)


def _denies(consent: Consent, purposes: Sequence[str], sensitivity: Sequence[str]) -> bool:
    if consent.unless_purposes and purposes and set(purposes) <= set(consent.unless_purposes):
        return False
    about_purpose = not (consent.purposes and purposes) or not set(consent.purposes).isdisjoint(purposes)
    return about_purpose and (
        not consent.sensitivity or not _upper(consent).isdisjoint(_upper_of(sensitivity))
    )


def _permits(consent: Consent, purposes: Sequence[str], sensitivity: Sequence[str]) -> bool:
    """Every purpose is permitted, and, where it names labels, every protected one that the content has."""
    if consent.purposes and not (purposes and set(purposes) <= set(consent.purposes)):
        return False
    protected = {code.upper() for code in sensitivity if is_protected(code)}
    return not consent.sensitivity or (bool(protected) and protected <= _upper(consent))


def _upper(consent: Consent) -> set[str]:
    return _upper_of(consent.sensitivity)


def _upper_of(codes: Iterable[str]) -> set[str]:
    return {code.upper() for code in codes}


def needs_consent(required: frozenset[str], purposes: Sequence[str], substance_use: bool) -> bool:
    return not required.isdisjoint(purposes) or (substance_use and PART2 in required)
