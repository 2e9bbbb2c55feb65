"""XHTML narratives (FHIR R4 2.4.0), built from text that is escaped on its way in and from nowhere else."""

import re
from collections.abc import Iterable
from html import escape

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text that XML and JSON can hold: without control characters and halves of surrogate pairs."""
    return _NOT_XML.sub("", text)


def folded(text: str) -> str:
    """As FHIR's type string wants it: no white space at the ends, none but blanks within."""
    return " ".join(plain(text).split())


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
    tag = escape(language, quote=True)
    div = f'<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="{tag}" lang="{tag}">{markup}</div>'
    return {"status": "additional", "div": div}


def _escaped(text: str) -> str:
    return escape(plain(text), quote=False).replace("\n", "<br/>")
