"""Prints what tests measured, so that CI keeps the figures."""

import pytest

from tests.figures import reported


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = reported()
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
