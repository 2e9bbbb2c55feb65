"""Security labels of a CDA document: its confidentiality, that of its sections, and DS4P's sensitivities."""

from collections.abc import Iterator

from gateway.clinical import Labels, strictest
from translators.cda.datatypes import code_of
from translators.cda.tags import CODE, CONFIDENTIALITY_CODE, OBSERVATION, VALUE, Element, child

_CONFIDENTIALITY = frozenset({"U", "L", "M", "N", "R", "V"})
_ACT_REASON = "2.16.840.1.113883.5.8"  # a purpose of use, which is no sensitivity
_SECURITY_OBSERVATIONS = frozenset({"SECCLASSOBS", "SECCATOBS", "SECCONOBS"})


def read_labels(document: Element) -> Labels:
    """The strictest confidentiality and every sensitivity, wherever in the document they stand.

    A confidentiality code outside U to V (the HL7 codes before 2010, such as ETH or HIV) is a sensitivity.
    """
    return strictest(tuple(_labels(document)))


def _labels(document: Element) -> Iterator[Labels]:
    for each in document.iter(CONFIDENTIALITY_CODE):
        yield _label(code_of(each))
    for each in document.iter(CODE):
        if each.get("code") not in _SECURITY_OBSERVATIONS:
            continue
        observation = each.getparent()
        if observation is None or observation.tag != OBSERVATION:
            continue
        value = child(observation, VALUE)
        if value is not None and value.get("codeSystem") != _ACT_REASON:
            yield _label(code_of(value))


def _label(code: str) -> Labels:
    if code in _CONFIDENTIALITY:
        return Labels(confidentiality=code)
    return Labels(sensitivity=(code,) if code else ())
