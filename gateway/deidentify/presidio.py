"""Presidio as a recogniser, the extra `presidio`. Imported only where `gateway.recogniser` names it.

Nothing here goes to the network: Presidio by itself would download a missing model, and its recogniser of
mail addresses a list of domains. The model must be installed, and mail is left to our own patterns.
"""

import logging
from collections.abc import Iterator
from typing import Any

from gateway.deidentify.categories import Category
from gateway.deidentify.recogniser import Recogniser, Recognition

MODELS = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm")
"""Of spaCy, the best first."""

_CATEGORIES = {
    "PERSON": Category.NAME,
    "LOCATION": Category.PLACE,
    "PHONE_NUMBER": Category.PHONE,
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
_MOST_CHARACTERS = 5_000
"""Read at once: spaCy's memory grows with the text, above a million characters it refuses, and while it reads
it leaves the other threads little."""


def recogniser() -> Recogniser:
    """With the best model of spaCy that is installed. Raises `LookupError` where there is none."""
    from spacy.util import is_package

    model = next((name for name in MODELS if is_package(name)), None)
    if model is None:
        raise LookupError(f"no model of spaCy is installed: {', '.join(MODELS)}")
    return with_model(model)


def with_model(name: str) -> Recogniser:
    """Names and places as the spaCy model `name` sees them, and Presidio's patterns."""
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy.util import is_package

    if not is_package(name):
        raise LookupError(f"the model {name} is not installed")
    return over(_analyzer(SpacyNlpEngine(models=[{"lang_code": "en", "model_name": name}])))


def patterns() -> Recogniser:
    """Presidio's patterns alone; no model is needed."""
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    return over(_analyzer(NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])))


def over(analyzer: Any) -> Recogniser:
    """`analyzer` has `analyze` and `get_supported_entities` as Presidio's has."""
    entities = [each for each in _CATEGORIES if each in analyzer.get_supported_entities(language="en")]

    def recognise(text: str) -> Iterator[Recognition]:
        for start, piece in _pieces(text):
            for found in analyzer.analyze(
                text=piece, language="en", entities=entities, score_threshold=_LEAST_SCORE
            ):
                yield start + found.start, start + found.end, _CATEGORIES[found.entity_type]

    return recognise


def _analyzer(engine: Any) -> Any:
    from presidio_analyzer import AnalyzerEngine

    logging.getLogger("presidio-analyzer").addFilter(_nothing_is_skipped)
    engine.load()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def _nothing_is_skipped(record: logging.LogRecord) -> bool:
    """Presidio leaves out a pattern that takes too long, and says so in its log alone: here that fails."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, TimeoutError):
        raise error
    return True


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(start, piece), cut at the ends of lines, or of words where a line is too long."""
    start = 0
    while start < len(text):
        end = start + _MOST_CHARACTERS
        if end < len(text):
            cut = max(text.rfind("\n", start, end), 0) or text.rfind(" ", start, end)
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end
