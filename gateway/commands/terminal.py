"""Text on a terminal. What others wrote is made harmless first: an escape sequence in a control id or a
note must not move the cursor, rename the window or hide a line of an analyst's screen."""

from collections.abc import Sequence

from rich.console import Console


def printable(text: str) -> str:
    """Line ends (CR, CRLF and LF, as LF) and tabs stay; every other control or format character is shown
    as U+FFFD."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in lines)


def print_text(console: Console, text: str) -> None:
    """As it is, nothing in it taken for markup, lines wrapped by the terminal alone."""
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """A line each, the first the heading; whole on every width of terminal and in a pipe."""
    shown = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
