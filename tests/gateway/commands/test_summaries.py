"""A summary on an operator's terminal."""

from io import StringIO

from rich.console import Console

from gateway.checking import treated
from gateway.commands.summaries import print_summary
from gateway.policy.rules import Treatment
from gateway.summary import Summary
from tests.gateway.backends.extractive.making import K, fact, request
from tests.gateway.checking.rounds import said


def test_an_operator_sees_why_a_statement_is_marked() -> None:
    asked = request([fact(K.RESULT, "Potassium", "OBX[1]-5", value="6.8", unit="mmol/L")])
    statements = (
        said(("OBX[1]-5",), "Potassium was 6.8 mmol/L."),
        said(("OBX[1]-5",), "Potassium was 68 mmol/L."),
    )
    summary = Summary(statements=statements, text="", backend="ward", model_asked="m", model_served="m")
    console = Console(file=StringIO(), width=200)
    print_summary(console, treated(summary, asked, Treatment.MARK), asked)
    assert isinstance(console.file, StringIO)
    lines = [line.strip() for line in console.file.getvalue().splitlines()]
    assert [line for line in lines if line.startswith("number")] == ["number in: potassium was 68"]
