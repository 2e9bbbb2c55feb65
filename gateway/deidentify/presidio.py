"""Microsoft Presidio as a recogniser. Imported only where `gateway.recogniser` names it; not in the lock."""

from collections.abc import Iterator
from typing import Any

from gateway.deidentify.categories import Category
from gateway.deidentify.recogniser import Recogniser, Recognition

_CATEGORIES = {
    "PERSON": Category.NAME,
    "LOCATION": Category.PLACE,
    "PHONE_NUMBER": Category.PHONE,
    "EMAIL_ADDRESS": Category.EMAIL,
    "US_SSN": Category.SOCIAL_SECURITY,
    "MEDICAL_LICENSE": Category.LICENSE,
    "US_DRIVER_LICENSE": Category.LICENSE,
    "US_PASSPORT": Category.LICENSE,
    "US_BANK_NUMBER": Category.ACCOUNT,
    "IBAN_CODE": Category.ACCOUNT,
    "CREDIT_CARD": Category.ACCOUNT,
    "URL": Category.URL,
    "IP_ADDRESS": Category.IP_ADDRESS,
}
"""Of Presidio's entities. Its dates are left out: it takes `every 6 hours` and `day 3` for some."""

_LEAST_SCORE = 0.5


def recogniser() -> Recogniser:
    """With Presidio's own defaults: the model of spaCy that it names must be installed."""
    from presidio_analyzer import AnalyzerEngine

    return over(AnalyzerEngine())


def over(engine: Any) -> Recogniser:
    """`engine` has `analyze` as Presidio's has."""

    def recognise(text: str) -> Iterator[Recognition]:
        for found in engine.analyze(
            text=text, language="en", entities=list(_CATEGORIES), score_threshold=_LEAST_SCORE
        ):
            yield found.start, found.end, _CATEGORIES[found.entity_type]

    return recognise
