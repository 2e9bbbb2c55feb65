"""The form of a model's answer, within what every provider holds a model to.

OpenAI (strict), Anthropic (`output_config`), Gemini (`responseJsonSchema`) and Ollama (`format`) share:
objects with every property required and none besides, arrays, strings, `enum`. No bounds, no patterns.
"""

from typing import Final

from gateway.summary import SummarySection

SECTIONS: Final = tuple(section for section in SummarySection if section is not SummarySection.LIMITS)
"""A model does not say what could not be read: the gateway does."""

ANSWER_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["statements"],
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["section", "text", "evidence"],
                "properties": {
                    "section": {"type": "string", "enum": [section.value for section in SECTIONS]},
                    "text": {"type": "string"},
                    "evidence": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
