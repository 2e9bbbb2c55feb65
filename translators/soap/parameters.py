"""The children of a body element, read by name in any order, with errors that name their place."""

import binascii
from collections.abc import Collection

from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from translators.soap import names

_NIL = f"{{{names.XSI}}}nil"


class Parameters:
    """Children of `element` in its own namespace. Every method may raise `GatewayError`."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        name = etree.QName(element)
        self._namespace = name.namespace
        self._location = f"/Envelope/Body/{name.localname}"

    def location(self, name: str) -> str:
        return f"{self._location}/{name}"

    def check_known(self, known: Collection[str]) -> None:
        """Refuse a child that is not in `known`: a misspelt option must not be ignored in silence."""
        for child in self.element:
            name = etree.QName(child)
            if name.namespace != self._namespace or name.localname not in known:
                raise GatewayError(
                    ErrorKind.UNKNOWN_PARAMETER,
                    f"element {child.tag[:200]}",
                    location=self._location,
                    public=f"Only {', '.join(known)} may stand here, in the operation's namespace",
                )

    def all(self, name: str) -> list[etree._Element]:
        """Those that are not nil."""
        found = self.element.iterchildren(f"{{{self._namespace}}}{name}")
        return [child for child in found if child.get(_NIL, "").strip() not in ("true", "1")]

    def one(self, name: str) -> etree._Element | None:
        found = self.all(name)
        if len(found) > 1:
            raise GatewayError(
                ErrorKind.INVALID_VALUE, location=self.location(name), public=f"{name} stands more than once"
            )
        return found[0] if found else None

    def text(self, name: str) -> str | None:
        """As sent; None when it is absent or nil."""
        child = self.one(name)
        return None if child is None else text_of(child, self.location(name))

    def required(self, name: str) -> etree._Element | None:
        """Present, though it may be nil or empty."""
        if self.element.find(f"{{{self._namespace}}}{name}") is None:
            raise GatewayError(
                ErrorKind.REQUIRED_MISSING,
                location=self.location(name),
                public=f"{name} is required, in the namespace of the operation, and is missing or empty",
            )
        return self.one(name)

    def required_text(self, name: str) -> str:
        text = self.text(name)
        if text is None or not text.strip():
            raise GatewayError(
                ErrorKind.REQUIRED_MISSING,
                location=self.location(name),
                public=f"{name} is required, in the namespace of the operation, and is missing or empty",
            )
        return text

    def token(self, name: str) -> str | None:
        """Without white space round it; None when it is absent, nil or empty."""
        return (self.text(name) or "").strip() or None


def text_of(element: etree._Element, location: str) -> str:
    if len(element):
        raise GatewayError(
            ErrorKind.INVALID_VALUE, location=location, public="Only text may stand here, no elements"
        )
    return element.text or ""


def from_base64(text: str, location: str) -> bytes:
    """`xs:base64Binary` with line breaks anywhere. Nothing else is let through: a decoder that skips what it
    does not know would turn plain text into nonsense."""
    try:
        return binascii.a2b_base64("".join(text.split()).encode("ascii"), strict_mode=True)
    except ValueError as error:  # binascii.Error and UnicodeEncodeError are both of it
        raise GatewayError(
            ErrorKind.INVALID_VALUE, str(error), location=location, public="The content is not base64"
        ) from error
