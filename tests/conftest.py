"""Prints what tests measured, so that CI keeps the figures, whichever process measured them."""

from typing import Any

import pytest

from tests.figures import report, reported


class _Collector:
    """In the process that starts the others: takes over their figures."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        for line in getattr(node, "workeroutput", {}).get("figures", ()):
            report(line)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Collector())


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = reported()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = reported()
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
