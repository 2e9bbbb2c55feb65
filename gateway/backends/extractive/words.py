"""The words of a text that carry its content, for telling whether two texts speak of the same."""

_MARKS = ".,;:!?()[]{}<>\"'`*_|=+-/\\“”‘’…"
_SHORTEST = 3

_EMPTY_WORDS = frozenset(
    "the and for with was were are has had have his her him she he they them their its this that"
    " these those from into onto upon over under not non nor but yet who which when where while"
    " will would could should may might can been being did does done per patient patients pt also"
    " then than there here any all some such very more most other both each few out off our your"
    " you".split()
)


def is_date(word: str) -> bool:
    """`2026-03-14`, `3/14/26`: digits parted twice by the same sign."""
    return any(word.count(sign) == 2 and word.replace(sign, "").isdigit() for sign in "/-.")


def content_words(text: str) -> frozenset[str]:
    """In small letters, without marks and without words that stand in any text; numbers of any length."""
    stripped = {word.strip(_MARKS) for word in text.casefold().split()}
    return frozenset(
        word for word in stripped - _EMPTY_WORDS if len(word) >= _SHORTEST or (word and word[0].isdigit())
    )


def numbers_in(words: frozenset[str]) -> frozenset[str]:
    """The words that begin with a digit."""
    return frozenset(word for word in words if word[0].isdigit())
