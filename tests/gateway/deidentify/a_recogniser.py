"""A recogniser as an operator may name it in the file."""

from collections.abc import Iterator

from gateway.deidentify.categories import Category
from gateway.deidentify.recogniser import Recogniser, Recognition


def thornquists() -> Recogniser:
    def find(text: str) -> Iterator[Recognition]:
        at = text.find("Thornquist")
        while at >= 0:
            yield at, at + len("Thornquist"), Category.NAME
            at = text.find("Thornquist", at + 1)

    return find


def failing() -> Recogniser:
    def find(text: str) -> Iterator[Recognition]:
        raise RuntimeError(text)

    return find


nothing = None
