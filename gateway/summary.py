"""What is answered, the same whichever model wrote it: the summary, how it came about, and its notices."""

from datetime import datetime
from enum import StrEnum

from gateway.clinical import Caution
from gateway.request import SummarizationRequest
from gateway.values import value


class SummarySection(StrEnum):
    """The parts of a summary, in the order in which they stand."""

    OVERVIEW = "overview"
    COURSE = "course"
    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    MEDICATIONS = "medications"
    RESULTS = "results"
    VITAL_SIGNS = "vital-signs"
    PROCEDURES = "procedures"
    IMMUNIZATIONS = "immunizations"
    HISTORY = "history"
    NOTES = "notes"
    PLAN = "plan"
    LIMITS = "limits"
    """What could not be read or was left out."""


UNSUPPORTED = "unsupported"
"""The flag of a statement that says what its evidence does not."""


@value
class Statement:
    """One sentence or line of a summary and the places it came from."""

    section: SummarySection
    text: str
    evidence: tuple[str, ...]
    """Origins of facts and notes of the request; never empty, but for `LIMITS`."""
    flags: tuple[str, ...] = ()
    """`critical`, `abnormal`, `unsupported`."""


@value
class Usage:
    """What model calls consumed, failed attempts included where they were counted."""

    input_tokens: int = 0
    """All of the prompt, whether read anew or from the provider's cache."""
    output_tokens: int = 0
    """With what the model thought."""
    cache_read_tokens: int = 0
    """Of the input: read from the provider's cache."""
    cache_write_tokens: int = 0
    calls: int = 1
    """Attempts that reached a model."""
    calls_possibly_paid: int = 0
    """Attempts whose outcome is unknown: they may have been paid, and their tokens are not counted here."""


@value
class Summary:
    """A model's answer, the same whichever backend gave it."""

    statements: tuple[Statement, ...]
    text: str
    """Plain text, lines ended by LF, first line `REVIEW_NOTICE`."""
    backend: str
    model_asked: str
    model_served: str
    region: str = ""
    language: str = "en"
    usage: Usage = Usage()
    finish: str = "stop"
    prompt_version: str = ""
    load_s: float = 0.0
    """Of the time it took: for loading the model, where the backend says so."""
    warnings: tuple[Caution, ...] = ()


REVIEW_NOTICE = "AI-generated summary, not reviewed by a clinician."


DEIDENTIFIED = "de-identified"
"""The code of the caution that identity was taken out of what a model read."""


REGION_MISMATCH = "region-mismatch"
"""The code of the caution that a provider worked elsewhere than was declared."""


@value
class Redaction:
    """How often identifiers of one category were found and replaced. Never what they were."""

    category: str
    """`name`, `date`, `record-number` ...: `gateway.deidentify.categories`."""
    found: int
    replaced: int
    """The others are such as the level leaves: a limited data set keeps dates and towns."""


@value
class Deidentification:
    """How identity was taken out of what the answering model read."""

    level: str
    """`limited` or `safe_harbor`."""
    rules: tuple[str, ...]
    """Ids of the policy rules that ask for it."""


class NoticeCode(StrEnum):
    """What a notice is about, for readers that are programs."""

    MODEL_DEPRECATED = "model-deprecated"
    MODEL_MOVED = "model-moved"
    OPERATION_DEPRECATED = "operation-deprecated"
    OPERATION_MOVED = "operation-moved"
    REVIEW_REQUIRED = "review-required"
    POLICY = "policy-notice"
    PART2 = "part-2"
    """Substance use records: who gets the answer is bound by 42 CFR Part 2."""
    SUPPRESSED = "suppressed"
    """Labelled parts were kept from the model that answered."""


ABOUT_LIVES = frozenset(
    {
        NoticeCode.MODEL_DEPRECATED,
        NoticeCode.MODEL_MOVED,
        NoticeCode.OPERATION_DEPRECATED,
        NoticeCode.OPERATION_MOVED,
    }
)
"""Notices to those who run the interface; the others are to whoever reads the summary."""


@value
class Notice:
    """What policy has to say to whoever reads an answer."""

    code: NoticeCode
    text: str
    """One sentence or more, without anything of the message."""


@value
class Answer:
    """A summary with the request it answers and how it came about: what a reply is built from."""

    request: SummarizationRequest
    summary: Summary
    generated_at: datetime
    rules: tuple[str, ...] = ()
    """Ids of the policy rules that permitted it."""
    policy_revision: str = ""
    redactions: tuple[Redaction, ...] = ()
    """What de-identification took out before a model read the request; empty when none was asked for."""
    deidentified: Deidentification | None = None
    """None: what answered read the record with its identity, or is no model."""
    notices: tuple[Notice, ...] = ()
    return_to: str = ""
    """The partner on whose connection it is returned; empty: the sender's own."""
    operation_version: str = ""
    """Of `$summarize`; empty where it was made before there were versions of it."""
