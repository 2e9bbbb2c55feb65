"""Security labels: how confidential a message is and which sensitive matters it touches.

The high-water mark of everything that was sent, also of what is not read (reference: HL7 DS4P).
"""

from collections.abc import Iterator

from gateway.clinical import Labels
from translators.fhir.elements import child, children, string
from translators.fhir.json_guard import Element

_LEVELS = ("", "U", "L", "M", "N", "R", "V")  # v3-Confidentiality, rising
_CONFIDENTIALITY = "v3-Confidentiality"
_UNNAMED = "unnamed-basis"
_NO_MATTER = ("v3-ObservationValue", "v3-ActReason")
"""Systems of labels that say how content was made, or what it may be used for: AIAST, TREAT."""
_INLINE = "PROCESSINLINELABEL"
_BASIS = "extension-sec-label-basis"
_INLINE_LABEL = "extension-inline-sec-label"

_HOLDERS = frozenset({"contained", "securityLabel"})
"""Elements that may hold labels, beside meta.security."""

OBLIGATIONS = frozenset(
    "DEID MASK REDACT NODSCLCD NORDSCLCD NOAUTH NOCOLLECT NOINTEGRATE NOLIST NOMOU NOORGPOL NOPAT NOPERSISTP"
    " NORELINK NOREUSE NOVIP ORCON ENCRYPT PSEUD ANONY AOD AUDIT AUDTR CPLYCD PERSISTLABEL PRIVMARK".split()
)
"""What a receiver must do or refrain from (v3-ActCode). Policy sees them; replies do not repeat them,
because they would reveal what was protected (DS4P, detailed specifications)."""


class LabelSet:
    """Gathers the labels of one resource after the other."""

    def __init__(self) -> None:
        self._level = ""
        self._matters: set[str] = set()
        self.at: dict[str, set[str]] = {}
        """Origin -> the sensitivities that stand there."""
        self.by_machine = 0
        """Resources that are labelled as asserted by artificial intelligence (AIAST)."""

    def take(self, resource: Element, origin: str = "") -> None:
        """`origin` is empty for the labels of the Bundle, which are of everything.

        Raises `GatewayError` for labels that are not as FHIR defines them: they may ask for silence.
        """
        meta = child(resource, "meta")
        is_document = resource.get("resourceType") == "Composition"
        if not is_document and _HOLDERS.isdisjoint(resource) and not (meta and "security" in meta):
            return
        matters: set[str] = set()
        labels = _labels_on(resource)
        for contained in children(resource, "contained"):
            labels += _labels_on(contained)
        for label in labels:
            self._add(label, matters)
        codes = {string(label, "code") for label in labels}
        self.by_machine += "AIAST" in codes
        if _INLINE in codes:
            for inline in _inline(resource):
                self._add(inline, matters)
        if is_document:
            self._add({"system": _CONFIDENTIALITY, "code": string(resource, "confidentiality")}, matters)
        if matters:
            self._matters |= matters
            self.at.setdefault(origin, set()).update(matters)

    def strictest(self) -> Labels:
        return Labels(confidentiality=self._level, sensitivity=tuple(sorted(self._matters)))

    def _add(self, label: Element, matters: set[str]) -> None:
        system, code = string(label, "system"), string(label, "code")
        if code in _LEVELS and (system.endswith(_CONFIDENTIALITY) or not system):
            self._level = max(self._level, code, key=_LEVELS.index)
        elif code and code != _INLINE and not system.endswith(_NO_MATTER):
            matters.add(code)
        for extension in children(label, "extension"):
            basis = child(extension, "valueCoding")
            if basis and string(extension, "url").endswith(_BASIS):
                matters.add(string(basis, "code") or _UNNAMED)


def _labels_on(resource: Element) -> list[Element]:
    meta = child(resource, "meta")
    labels = list(children(meta, "security")) if meta else []
    for label in children(resource, "securityLabel"):  # DocumentReference
        labels += children(label, "coding")
    return labels


def _inline(resource: Element) -> Iterator[Element]:
    """Labels on single elements, wherever they stand in the resource."""
    pending: list[object] = [resource]
    while pending:
        node = pending.pop()
        if type(node) is list:
            pending += node
        elif type(node) is dict:
            url, label = node.get("url"), node.get("valueCoding")
            if type(url) is str and url.endswith(_INLINE_LABEL) and type(label) is dict:
                yield label
            pending += node.values()
