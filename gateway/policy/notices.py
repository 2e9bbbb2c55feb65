"""What policy has to say to whoever gets an answer: a version's life, and the rules' own words. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from gateway.policy.lives import Chosen, V
from gateway.policy.obligations import Obligations
from gateway.policy.rules import ModelVersion, RequestFacts
from gateway.summary import Notice, NoticeCode
from gateway.versions import OperationVersion, as_subject, is_deprecated, life_told

PART2 = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The short form of 42 CFR 2.32(a)(2), word by word."""

SUPPRESSED = Notice(
    code=NoticeCode.SUPPRESSED,
    text="Parts of the record that are specially protected were withheld from the model.",
)
"""Does not say which, nor for what they are protected."""

_OF_OPERATION = (NoticeCode.OPERATION_MOVED, NoticeCode.OPERATION_DEPRECATED)
_REVIEW = "Policy requires that a clinician reviews this summary before it is used."


def notices_of(
    facts: RequestFacts,
    operation: Chosen[OperationVersion],
    model: Chosen[ModelVersion],
    asked: Obligations,
    today: date,
) -> tuple[Notice, ...]:
    about_content = (Notice(code=NoticeCode.PART2, text=PART2),) if facts.substance_use else ()
    about_model = _life(model, NoticeCode.MODEL_MOVED, NoticeCode.MODEL_DEPRECATED, today)
    return (*about_content, *operation_notices(operation, today), *about_model, *_of_rules(asked))


def operation_notices(operation: Chosen[OperationVersion], today: date) -> tuple[Notice, ...]:
    return tuple(_life(operation, NoticeCode.OPERATION_MOVED, NoticeCode.OPERATION_DEPRECATED, today))


def as_of_today(stored: Sequence[Notice], operation: Sequence[Notice]) -> tuple[Notice, ...]:
    """Those of a stored answer, with what is to be said today of the version of the operation."""
    kept = [each for each in stored if each.code not in _OF_OPERATION]
    return (*kept, *operation)


def _life(chosen: Chosen[V], moved: NoticeCode, deprecated: NoticeCode, today: date) -> Iterator[Notice]:
    version, before = chosen.version, chosen.moved_from
    if version is None:
        return
    if before is not None:
        ended = f"{as_subject(before)} ended on {before.sunset}"
        yield Notice(code=moved, text=f"{ended}; version {version.version} answered instead.")
    if is_deprecated(version, today):
        yield Notice(code=deprecated, text=life_told(version, today))


def _of_rules(asked: Obligations) -> Iterator[Notice]:
    if asked.review:
        yield Notice(code=NoticeCode.REVIEW_REQUIRED, text=_REVIEW)
    for text in asked.notices:
        yield Notice(code=NoticeCode.POLICY, text=text)
