"""The base of everything that may stand in the operator's file, and words that many keys share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
"""As a URL's `hostname` and a parsed `bind` give them."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
