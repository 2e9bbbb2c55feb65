"""What a check of a statement can find."""

from dataclasses import field
from enum import StrEnum

from gateway.summary import Statement
from gateway.values import carrier


class Reason(StrEnum):
    """Why a statement does not stand in its evidence. The value is also the word for people."""

    SOURCE = "source"
    """It names no evidence, or evidence that the request does not have."""
    NUMBER = "number"
    """A value, dose, count, range or comparator that its evidence does not say."""
    UNIT = "unit"
    """The number stands there, with another unit."""
    DATE = "date or time"
    FREQUENCY = "frequency"
    DRUG = "drug name"
    CONDITION = "clinical term"
    """A problem, finding, procedure, allergen, organism or part of the body that the record does not name."""
    WRONG_SOURCE = "wrong source"
    """What it tells stands elsewhere in the record, not in the evidence that it names."""
    PLACEHOLDER = "placeholder"
    """`<substance>`: a form that was not filled in."""
    NEGATION = "negation"
    """It denies what its evidence affirms, or the reverse."""
    STATUS = "status"
    """Current where its evidence says ended, or the reverse."""
    SIDE = "side"
    SEX = "sex"
    DIRECTION = "direction"
    """High for low, increased for decreased, positive for negative."""


@carrier
class Finding:
    reason: Reason
    span: str = field(default="", repr=False)
    """The words at fault. Patient data: for the store and operators, never for logs."""


@carrier
class Checked:
    """A statement and what was found against it; nothing when it stands."""

    statement: Statement = field(repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def stands(self) -> bool:
        return not self.findings
