"""The estimate of tokens: additive, fast, and not below what tokenizers count."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.prompt.tokens import tokens_of, weight_of

GOLDEN = Path(__file__).parent / "golden" / "handoff-clinician.txt"


@given(st.text(), st.text())
def test_a_whole_weighs_what_its_parts_weigh(one: str, other: str) -> None:
    assert weight_of(one + other) == weight_of(one) + weight_of(other)


# Tokens by the one of cl100k, o200k, Claude 2, DeepSeek, Mistral v1, Tekken and SmolLM2 that counts most.
COUNTED = [
    (GOLDEN.read_text(), 3020),
    (
        "Pt c/o SOB, CP x3d. PMHx: HTN, DM2, s/p CABG. Rx: ASA 81 mg PO qd; metoprolol 25 mg PO bid; NKDA."
        " EKG: NSR. A/P: r/o ACS, trop q6h.",
        80,
    ),
    (
        "Die 67-jährige Patientin wurde wegen thorakaler Schmerzen aufgenommen. Eine Penicillinallergie ist"
        " bekannt. Kalium 6,8 mmol/l.",
        52,
    ),
]


@pytest.mark.parametrize(("text", "most"), COUNTED, ids=["prompt", "note", "German"])
def test_no_tokenizer_counts_more(text: str, most: int) -> None:
    assert most <= tokens_of(text) <= 2 * most


def test_nothing_weighs_nothing_and_a_surrogate_does_not_fail() -> None:
    assert tokens_of("") == 0
    assert tokens_of("\ud83d") == 1
