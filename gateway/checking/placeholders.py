"""Forms that a model copied instead of filling in: `No allergy to <substance>`."""

import re
from collections.abc import Iterator

from gateway.checking.findings import Finding, Reason
from gateway.checking.said import Said

_PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z ]{0,40}>")


def placeholders(said: Said) -> Iterator[Finding]:
    text = said.statement.text
    if "<" in text and (match := _PLACEHOLDER.search(text)):
        yield Finding(Reason.PLACEHOLDER, match[0])
