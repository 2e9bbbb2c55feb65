"""What a person reads of a run: each message, then each protocol."""

from collections import Counter
from statistics import median

from gateway.summary import Statement, Summary
from tests.real_model.sending import Sent

MODEL = "smollm2"
_SHOWN = 3


def by_model(sent: Sent) -> bool:
    return sent.answer is not None and sent.answer.summary.backend == MODEL


def unsupported(summary: Summary) -> list[Statement]:
    return [statement for statement in summary.statements if "unsupported" in statement.flags]


def print_messages(sent: list[Sent]) -> None:
    for each in sent:
        what = f"{each.listed.message_type} {each.listed.control_id}".strip()
        if each.answer is None:
            print(f"  {each.protocol:5}{what:40.40} no summary: {each.listed.error_kind}")
            continue
        summary = each.answer.summary
        why = "" if by_model(each) else f"; {_why(each)}"
        print(
            f"  {each.protocol:5}{what:40.40} {summary.backend:8} {len(summary.statements):3} statements,"
            f" {len(unsupported(summary)):2} unsupported, {each.seconds:5.1f} s,"
            f" {summary.usage.input_tokens:5} + {summary.usage.output_tokens:4} tokens{why}"
        )


def print_statements(sent: list[Sent]) -> None:
    """All that the model said."""
    for each in sent:
        if each.answer is None or not by_model(each):
            continue
        for statement in each.answer.summary.statements:
            flags = f" ({', '.join(statement.flags)})" if statement.flags else ""
            print(
                f"      {each.listed.message_type}: {statement.text} [{' '.join(statement.evidence)}]{flags}"
            )


def print_protocol(protocol: str, sent: list[Sent], wrong: list[str]) -> None:
    answered = [each.answer.summary for each in sent if by_model(each) and each.answer]
    others = Counter(_why(each) for each in sent if not by_model(each) and each.answer)
    without = sum(each.answer is None for each in sent)
    statements = sum(len(summary.statements) for summary in answered)
    flagged = sum(len(unsupported(summary)) for summary in answered)
    seconds = [each.seconds for each in sent if by_model(each)]
    tokens = [summary.usage for summary in answered]
    print(
        f"{protocol:5} {len(sent):3} messages: {len(answered)} by the model, {sum(others.values())} by the"
        f" fallback, {without} by none; {statements} statements of the model, {flagged} flagged unsupported;"
        f" median {median(seconds) if seconds else 0:.1f} s from receipt;"
        f" {sum(usage.input_tokens for usage in tokens)} tokens in, {sum(usage.output_tokens for usage in tokens)} out"
    )
    for why, count in others.most_common():
        print(f"      {count} by the fallback: {why}")
    for each in wrong:
        print(f"      not answered as it should be: {each}")


def print_inventions(sent: list[Sent]) -> None:
    """Some of what the checking flagged; the samples are of nobody."""
    found = [
        statement
        for each in sent
        if by_model(each) and each.answer
        for statement in unsupported(each.answer.summary)
    ]
    for statement in found[:_SHOWN]:
        print(f"      flagged: {statement.text} [{' '.join(statement.evidence)}]")


def _why(sent: Sent) -> str:
    return ", ".join(sent.causes) or "the model was not asked"
