"""Which character plays which role in a message, as its MSH-1 and MSH-2 say."""

from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import ErrorKind, GatewayError

ABSENT = "\x00"
"""Stands for a delimiter that a message does not have; payloads never hold it once decoded."""

_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_STANDARD = "^~\\&#"


@dataclass(frozen=True, slots=True)
class Delimiters:
    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    truncation: str
    """2.7 and later: the mark at the end of a value that was cut."""


STANDARD = Delimiters("|", "^", "~", "\\", "&", ABSENT)


@lru_cache(maxsize=64)
def delimiters_of(field: str, encoding: str) -> Delimiters:
    """The roles in MSH-2 of 1 to 5 characters. Raises `GatewayError` where they cannot be told.

    By place, but for two defects that feeds really have: an MSH-2 that lost one of the standard
    characters (`^~&`) or doubled it (`^~\\\\&`) is taken for the standard one.
    """
    if field not in _PUNCTUATION:
        raise GatewayError(ErrorKind.MALFORMED, f"MSH-1 is {field!r}", location="MSH-1")
    if not encoding:
        raise GatewayError(ErrorKind.REQUIRED_MISSING, location="MSH-2")
    roles = encoding
    is_short = len(encoding) < 4 and not _STANDARD.startswith(encoding)
    if set(encoding) <= set(_STANDARD) and (is_short or len(set(encoding)) < len(encoding)):
        roles = _STANDARD[:4] + ("#" if "#" in encoding else ABSENT)
    distinct = roles.replace(ABSENT, "")
    if len(roles) > 5 or not set(distinct) <= _PUNCTUATION - {field} or len(set(distinct)) < len(distinct):
        raise GatewayError(ErrorKind.MALFORMED, f"MSH-2 is {encoding!r}", location="MSH-2")
    return Delimiters(field, *(roles + ABSENT * (5 - len(roles))))
