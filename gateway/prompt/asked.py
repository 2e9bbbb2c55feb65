"""The value that a prompt is: what goes to a model, and what is needed to read its answer."""

from collections.abc import Mapping
from dataclasses import field

from gateway.clinical import Caution
from gateway.prompt.schema import ANSWER_SCHEMA
from gateway.prompt.templates import VERSION
from gateway.summary import SummarySection
from gateway.values import carrier

PROMPT_VERSION = VERSION
"""Of all templates; `Prompt.version` names the one that was used."""


@carrier
class Prompt:
    """What one request asks of a model. All of its texts are a patient's record or instructions on it."""

    system: str = field(repr=False)
    """The fixed part: the same bytes for every request of one task, so that providers can cache it."""
    user: str = field(repr=False)
    """The record, and after it what concerns this request alone."""
    origins: Mapping[str, str]
    """Entry id -> origin in the message: `F3` is the third fact, `N1` the first note, `E1` the encounter."""
    version: str = PROMPT_VERSION
    """For `Summary.prompt_version`: `handoff-clinician/2`."""
    input_tokens: int = 0
    """An estimate of system, user and schema together, rather too high than too low (`tokens`)."""
    schema: Mapping[str, object] = field(default_factory=lambda: ANSWER_SCHEMA, repr=False)
    """JSON Schema of the answer, within what every provider accepts."""
    warnings: tuple[Caution, ...] = ()
    """What of the record was left out for lack of room. They belong into `Summary.warnings`."""
    sections: Mapping[str, SummarySection] = field(default_factory=dict, repr=False)
    """Entry id -> where it stands when the model names no section that is known."""
    max_tokens: int | None = None
    """The most that policy lets a model write."""

    def answer_tokens(self, configured: int) -> int:
        """The bound to tell a provider, `configured` being the backend's own."""
        return configured if self.max_tokens is None else min(configured, self.max_tokens)
