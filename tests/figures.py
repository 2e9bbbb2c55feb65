"""Figures that tests measure, printed at the end of a run whether they pass or fail."""

_lines: list[str] = []


def report(line: str) -> None:
    _lines.append(line)


def reported() -> list[str]:
    return list(_lines)
