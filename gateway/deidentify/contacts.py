"""Telephones, addresses of mail and network: known by their form."""

from gateway.deidentify.categories import Category
from gateway.deidentify.known import phone_line
from gateway.deidentify.spans import Finder, Place, after, before

_EXTENSION = r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?"
_DOMAIN = r"(?:com|org|net|gov|edu|info|health|example|io|us|co\.uk)"


def _is_ip(text: str, start: int, end: int) -> Place | None:
    """Four numbers below 256, and no software's version."""
    words = before(text, start).split()
    if words and words[-1].strip("(:") in ("v", "version", "firmware", "software", "release", "build"):
        return None
    return (start, end) if all(int(each) < 256 for each in text[start:end].split(".")) else None


def _is_v6(text: str, start: int, end: int) -> Place | None:
    """Not a time of day, nor a ratio."""
    found = text[start:end]
    is_one = "::" in found or any(map(str.isalpha, found)) or found.count(":") == 7
    return (start, end) if is_one else None


def _is_extension(text: str, start: int, end: int) -> Place | None:
    """`x4410`; not `x 100 mL` nor `x300`, which count."""
    is_counted = text[start - 1] in "xX" and (
        end - start < 4 or after(text, end, 8).lstrip().startswith(_UNITS)
    )
    return None if is_counted else (start, end)


_UNITS = ("mg", "ml", "mcg", "%", "unit", "mm", "cm", "kg", "day", "week", "hour", "g ", "l ")

CONTACTS: tuple[Finder, ...] = (
    Finder(
        r"(?i)[a-z0-9][a-z0-9._%+-]*\s?(?:@|\(at\)|\[at\])\s?[a-z0-9][a-z0-9.-]*\.[a-z]{2,}",
        Category.EMAIL,
        "EMAIL",
        needs_part=("@", "(at)", "[at]"),
    ),
    Finder(
        r"(?i)\b(?:https?|ftp)://[^\s<>\"\x01]+[^\s<>\".,;:)\x01]",
        Category.URL,
        "URL",
        needs_exact=("://",),
    ),
    Finder(
        rf"(?i)\b(?:www\.[^\s<>\"\x01]+[^\s<>\".,;:)\x01]|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.{_DOMAIN}"
        r"(?:/[^\s<>\".,;\x01]*)?)\b/?",
        Category.URL,
        "URL",
        needs_part=(
            "www.",
            ".com",
            ".org",
            ".net",
            ".gov",
            ".edu",
            ".info",
            ".health",
            ".example",
            ".io",
            ".us",
            ".co.",
        ),
    ),
    Finder(
        r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
        Category.IP_ADDRESS,
        "IP",
        needs_digits=True,
        needs_exact=".",
        narrow=_is_ip,
    ),
    Finder(
        r"(?i)\b(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}\b|\b(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}\b",
        Category.IP_ADDRESS,
        "IP",
        needs_digits=True,
        needs_exact=(":",),
        narrow=_is_v6,
    ),
    Finder(
        rf"(?i)(?:\+?1[-. ])?(?:\(\d{{3}}\)\s?-?|\b\d{{3}}[-. /])\d{{3}}[-. ]\d{{4}}{_EXTENSION}",
        Category.PHONE,
        "PHONE",
        needs_digits=True,
        entity=phone_line,
    ),
    Finder(
        r"\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}",
        Category.PHONE,
        "PHONE",
        needs_exact=("+",),
        needs_digits=True,
        entity=phone_line,
    ),
    Finder(
        r"(?i)\b(?:phone|telephone|tel|ph|pgr|cell|mobile|fax|pager|beeper|call|callback|contact|reached|reach"
        r"|home|work|number|text|called)\b\.?\s*(?:phone|number|no\.?|#)?\s*(?:is|at|on)?\s*[:#]?\s*"
        rf"((?:\d{{3}}[-. ]?)?\d{{3}}[-. ]?\d{{4}}{_EXTENSION})",
        Category.PHONE,
        "PHONE",
        group=1,
        needs=(
            "phone telephone tel ph pgr cell mobile fax pager beeper call callback contact reached reach home"
            " work number text called"
        ).split(),
        needs_digits=True,
        entity=phone_line,
    ),
    Finder(
        r"(?i)\b(?:(?:pager|pgr|beeper|ext|extension|page)\b\.?\s*(?:number|no\.?|#)?\s*(?:is|at)?\s*[:#]?\s*"
        r"|x)(\d{3,6})\b",
        Category.PHONE,
        "PHONE",
        group=1,
        needs=("page", "pager", "pgr", "beeper", "ext", "extension", "x"),
        needs_digits=True,
        after_letters=True,
        narrow=_is_extension,
        entity=phone_line,
    ),
)
