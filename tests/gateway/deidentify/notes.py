"""Labelled notes: a template, its places filled with written forms in turn, and where the identifiers stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from tests.gateway.deidentify.forms import FORMS, HASTY
from tests.gateway.deidentify.note_templates import (
    HASTY_HELD_OUT,
    HASTY_TUNED,
    HELD_OUT,
    LOOK_ALIKES_HELD_OUT,
    LOOK_ALIKES_TUNED,
    TUNED,
)
from tests.gateway.deidentify.personas import HELD_OUT as HELD_OUT_CAST
from tests.gateway.deidentify.personas import TUNED as TUNED_CAST
from tests.gateway.deidentify.personas import Persona, persona

_PLACE = re.compile(r"\{(\w+)\}")
_TEMPLATES = {
    (False, False): TUNED,
    (True, False): HELD_OUT,
    (False, True): HASTY_TUNED,
    (True, True): HASTY_HELD_OUT,
}
_MARKED = re.compile(r"⟦([\w-]+)([!?])([^⟧]*)⟧")


@dataclass(frozen=True)
class Label:
    start: int
    end: int
    kind: str
    is_own: bool


@dataclass(frozen=True)
class LabelledNote:
    persona: Persona
    text: str
    labels: tuple[Label, ...]


def notes(*, held_out: bool, number: int, hasty: bool = False) -> Iterator[LabelledNote]:
    """The same ones at every call. Each form of each kind is used in turn. `hasty`: as people type in a hurry."""
    chance = Random(4711 if held_out else 815)
    alikes = LOOK_ALIKES_HELD_OUT if held_out else LOOK_ALIKES_TUNED
    cast = HELD_OUT_CAST if held_out else TUNED_CAST
    templates = _TEMPLATES[held_out, hasty]
    all_forms = HASTY if hasty else FORMS
    turns = {kind: count(chance.randrange(len(forms))) for kind, forms in all_forms.items()}
    for index in range(number):
        who = persona(cast, chance)

        def filled(match: re.Match[str], who: Persona = who) -> str:
            kind = match.group(1)
            if kind == "sexnoun":
                return "man" if who.sex == "male" else "woman"
            forms = all_forms[kind]
            return forms[next(turns[kind]) % len(forms)](who, chance)

        marked = _PLACE.sub(filled, templates[index % len(templates)])
        for sentence in chance.sample(alikes, 1 if hasty else 3):
            marked += ("\n" if chance.random() < 0.3 else " ") + sentence
        yield _labelled(who, marked)


def _labelled(who: Persona, marked: str) -> LabelledNote:
    text = ""
    labels = []
    at = 0
    for match in _MARKED.finditer(marked):
        text += marked[at : match.start()]
        labels.append(
            Label(len(text), len(text) + len(match.group(3)), match.group(1), match.group(2) == "!")
        )
        text += match.group(3)
        at = match.end()
    return LabelledNote(who, text + marked[at:], tuple(labels))
