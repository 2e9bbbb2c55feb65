"""What a model is asked, and how its answer is read."""

from gateway.prompt.prompt import (
    ANSWER_SCHEMA,
    PROMPT_VERSION,
    Prompt,
    UnreadableAnswer,
    build_prompt,
    read_answer,
)

__all__ = [
    "ANSWER_SCHEMA",
    "PROMPT_VERSION",
    "Prompt",
    "UnreadableAnswer",
    "build_prompt",
    "read_answer",
]
