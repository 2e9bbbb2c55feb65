"""A model that declines in prose is told from one that answers in prose."""

import pytest

from gateway.backends.declined import is_declined


@pytest.mark.parametrize(
    "text",
    [
        "I am not able to help with this.",
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, I can’t help with that.",
        "Sorry, I cannot summarize this record.",
        "I cannot provide medical advice.",
        "I'm unable to process this content.",
        "Unfortunately, I won't be able to write this summary.",
        "As an AI language model, I cannot read patient records.",
        "\n**I must decline** this request.",
        "I apologize, but I will not do this.",
        "I don't feel comfortable summarizing this.",
        "Es tut mir leid, dabei kann ich nicht helfen.",
        "Ich kann diese Anfrage leider nicht beantworten.",
        "Je suis désolé, je ne peux pas vous aider.",
        "Lo siento, no puedo ayudar con eso.",
    ],
)
def test_a_refusal_is_one(text: str) -> None:
    assert is_declined(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The patient cannot walk and is unable to eat.",
        "Here is the summary: I can confirm a penicillin allergy.",
        "Patient: sorry to have missed the appointment.",
        "Unfortunately the potassium is critical at 6.80 mmol/L.",
        '{"statements": [{"text": "I cannot sleep"}]}',
        '```json\n{"statements": []}\n```',
        "I have summarized the record. She cannot tolerate penicillin.",
        "\ud800 broken",
    ],
)
def test_an_answer_that_cannot_be_read_is_none(text: str) -> None:
    assert not is_declined(text)
