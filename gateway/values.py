"""The decorator of every value that flows through the gateway."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from pydantic import ConfigDict

_Cls = TypeVar("_Cls")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[_Cls]) -> type[_Cls]:
    """A keyword-only, hashable dataclass: frozen for the type checker, plain at run time.

    A fact takes 1.2 us to make this way, 3 us as a frozen dataclass and 5 us as a pydantic model, and a
    message can hold thousands. Pydantic still gives the JSON Schema and checks what is read back
    (`pydantic.TypeAdapter`, unknown fields refused); orjson writes it.
    """
    made = dataclass(kw_only=True, unsafe_hash=True)(cls)
    made.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]
    return made


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def carrier(cls: type[_Cls]) -> type[_Cls]:
    """A slotted, hashable dataclass for what is made anew for each message and never stored as it is.

    Frozen for the type checker, plain at run time, as above: 0.2 us to make against 0.9 us frozen.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
