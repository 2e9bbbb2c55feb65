"""What the rules that permit a request ask for in return; of several the strictest holds. Pure."""

from collections.abc import Iterable, Sequence

from gateway.policy.minimum import parts_for
from gateway.policy.rules import Deidentify, Rule, Sensitive, Treatment
from gateway.values import carrier


@carrier
class Obligations:
    deidentify: Deidentify = Deidentify.NONE
    deidentify_by: tuple[str, ...] = ()
    """Ids of the rules that ask for that level."""
    unsupported: Treatment = Treatment.MARK
    sensitive: Sensitive = Sensitive.STRIP
    sections: frozenset[str] | None = None
    """The parts of the record that a model may read; None: everything."""
    max_tokens: int | None = None
    review: bool = False
    notices: tuple[str, ...] = ()
    """In the order of the rules' ids."""
    return_to: str = ""


def gathered(rules: Iterable[Rule], purpose_of_use: Sequence[str]) -> Obligations:
    """Of all rules that permit; the same for every order of them."""
    by_id = sorted(rules, key=lambda rule: rule.id)
    level = strictest(rule.deidentify for rule in by_id)
    default = parts_for(purpose_of_use)
    return Obligations(
        deidentify=level,
        deidentify_by=tuple(rule.id for rule in by_id if rule.deidentify is level is not Deidentify.NONE),
        unsupported=max(
            (rule.unsupported for rule in by_id), key=list(Treatment).index, default=Treatment.MARK
        ),
        sensitive=max((rule.sensitive for rule in by_id), key=list(Sensitive).index, default=Sensitive.STRIP),
        sections=_in_all([default if rule.sections is None else rule.sections for rule in by_id]),
        max_tokens=min((rule.max_tokens for rule in by_id if rule.max_tokens is not None), default=None),
        review=any(rule.review for rule in by_id),
        notices=tuple(dict.fromkeys(rule.notice for rule in by_id if rule.notice)),
        return_to=next((rule.return_to for rule in by_id if rule.return_to), ""),
    )


def strictest(levels: Iterable[Deidentify]) -> Deidentify:
    return max(levels, key=list(Deidentify).index, default=Deidentify.NONE)


def _in_all(parts: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    bounds = [each for each in parts if each is not None]
    return frozenset.intersection(*bounds) if bounds else None
