"""What policy has to say to whoever gets an answer: a version's life, and the rules' own words. Pure."""

from collections.abc import Iterator
from datetime import date

from gateway.messages import Notice, NoticeCode
from gateway.policy.obligations import Obligations
from gateway.policy.rules import ModelVersion, RequestFacts

PART2 = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The short form of 42 CFR 2.32(a)(2), word by word."""

SUPPRESSED = Notice(
    code=NoticeCode.SUPPRESSED,
    text="Parts of the record that are specially protected were withheld from the model.",
)
"""Does not say which, nor for what they are protected."""

_REVIEW = "Policy requires that a clinician reviews this summary before it is used."


def notices_of(
    facts: RequestFacts,
    version: ModelVersion,
    moved_from: ModelVersion | None,
    asked: Obligations,
    today: date,
) -> tuple[Notice, ...]:
    about_content = (Notice(code=NoticeCode.PART2, text=PART2),) if facts.substance_use else ()
    return (*about_content, *_notices(version, moved_from, asked, today))


def _notices(
    version: ModelVersion, moved_from: ModelVersion | None, asked: Obligations, today: date
) -> Iterator[Notice]:
    if moved_from is not None:
        ended = f"Model {moved_from.alias} version {moved_from.version} ended on {moved_from.sunset}"
        yield Notice(
            code=NoticeCode.MODEL_MOVED, text=f"{ended}; version {version.version} answered instead."
        )
    if version.deprecated is not None and today >= version.deprecated:
        text = f"Model {version.alias} version {version.version} is deprecated since {version.deprecated}"
        text += f" and ends on {version.sunset}" if version.sunset else ""
        text += f"; its successor is version {version.successor}" if version.successor else ""
        yield Notice(code=NoticeCode.MODEL_DEPRECATED, text=f"{text}.")
    if asked.review:
        yield Notice(code=NoticeCode.REVIEW_REQUIRED, text=_REVIEW)
    for text in asked.notices:
        yield Notice(code=NoticeCode.POLICY, text=text)
