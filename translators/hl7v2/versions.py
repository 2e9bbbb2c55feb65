"""The versions of HL7 v2 that are read and answered."""

SUPPORTED = (
    "2.1",
    "2.2",
    "2.3",
    "2.3.1",
    "2.4",
    "2.5",
    "2.5.1",
    "2.6",
    "2.7",
    "2.7.1",
    "2.8",
    "2.8.1",
    "2.8.2",
)
HIGHEST = SUPPORTED[-1]
READ_AS_HIGHEST = frozenset({"2.9", "2.9.1"})
"""Later than what is supported; additive as far as it is read here."""

UNSTATED = "2.3"
"""How a message without MSH-12 is answered: the oldest form that every engine reads."""

_RANK = {version: rank for rank, version in enumerate(SUPPORTED)}


def is_at_least(version: str, other: str) -> bool:
    return _RANK[version] >= _RANK[other]


def answered_as(version: str) -> str:
    """The version of the reply to a message that says it is of `version`."""
    if not version:
        return UNSTATED
    return version if version in _RANK else HIGHEST
