"""XHTML narratives (FHIR R4 2.4.0), built from text that is escaped on its way in and from nowhere else."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text that XML and JSON can hold: without control characters and halves of surrogate pairs."""
    return text if text.isprintable() else _NOT_XML.sub("", text)


def folded(text: str) -> str:
    """As FHIR's type string wants it: no white space at the ends, none but blanks within."""
    if not text.isprintable():
        text = plain(text)
    elif " " not in text:
        return text
    return " ".join(text.split())


def paragraph(text: str) -> str:
    return f"<p>{_escaped(text)}</p>"


def strong(text: str) -> str:
    return f"<p><b>{_escaped(text)}</b></p>"


def item(text: str, origins: Iterable[str] = (), *, is_critical: bool = False) -> str:
    """A list item; the places that its statement comes from follow it in brackets."""
    said = f"<b>{_escaped(text)}</b>" if is_critical else _escaped(text)
    places = ", ".join(origins)
    return f"<li>{said} <i>[{_escaped(places)}]</i></li>" if places else f"<li>{said}</li>"


def listed(items: Iterable[str]) -> str:
    joined = "".join(items)
    return f"<ul>{joined}</ul>" if joined else ""


def narrative(markup: str, language: str) -> dict[str, str]:
    """`additional`: it is not derived from the coded elements alone."""
    return {"status": "additional", "div": f"{_opening(language)}{markup}</div>"}


@lru_cache(maxsize=32)
def _opening(language: str) -> str:
    tag = escape(language, quote=True)
    return f'<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="{tag}" lang="{tag}">'


def _escaped(text: str) -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown if shown.isprintable() else plain(shown).replace("\n", "<br/>")
