"""Forms that a model copied instead of filling in: `No allergy to <substance>`."""

import re
from collections.abc import Iterable

from gateway.checking.findings import Finding, Reason
from gateway.checking.said import Said

_PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z ]{0,40}>")


def placeholders(said: Said) -> Iterable[Finding]:
    text = said.statement.text
    match = _PLACEHOLDER.search(text) if "<" in text else None
    return (Finding(Reason.PLACEHOLDER, match[0]),) if match else ()
