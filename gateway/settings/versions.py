"""Keys of the operator's file about versions: the life that models and the operation share."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gateway.prompt.templates import VERSIONS
from gateway.settings.strict import Strict

OperationVersionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$")]
"""Stands in the id of an OperationDefinition."""

_PAGE = re.compile(r"https?://[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+")


class LifeSettings(Strict):
    deprecated: date | None = None
    sunset: date | None = None
    successor: str | None = None
    on_sunset: Literal["refuse", "successor"] = "refuse"
    """From the day of sunset on: refused naming the successor, or answered by it."""
    documentation: str = ""
    """Address of a page for people, told in a `Link` with `rel="deprecation"`."""

    @field_validator("documentation")
    @classmethod
    def _is_address(cls, text: str) -> str:
        if text and not _PAGE.fullmatch(text):
            raise ValueError("is no http or https address")
        return text


class OperationVersionSettings(LifeSettings):
    prompt: str | None = None
    """The wording of a model's instructions; without it the newest of this gateway."""

    @field_validator("prompt")
    @classmethod
    def _is_wording(cls, version: str | None) -> str | None:
        if version is not None and version not in VERSIONS:
            raise ValueError(f"there is no prompt {version}: {', '.join(VERSIONS)}")
        return version


class OperationSettings(Strict):
    default: OperationVersionName = "1"
    """What a call is of that names none."""
    versions: dict[OperationVersionName, OperationVersionSettings] = Field(
        default_factory=lambda: {"1": OperationVersionSettings()}, min_length=1
    )


class OperationsSettings(Strict):
    summarize: OperationSettings = OperationSettings()
