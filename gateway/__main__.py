"""The command line `ehr-gateway`. Each command imports what it needs when it runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Gateway between hospitals' protocols (HL7 v2 over MLLP, FHIR, SOAP) and summarization models.",
)
messages = typer.Typer(no_args_is_help=True, help="Look into the store of messages.")
app.add_typer(messages, name="messages")
audit = typer.Typer(no_args_is_help=True, help="The record of decisions, disclosures and looks.")
app.add_typer(audit, name="audit")

keys = typer.Typer(no_args_is_help=True, help="API keys of partners.")
app.add_typer(keys, name="keys")

ConfigOption = Annotated[Path, typer.Option("--config", help="The operator's file (YAML).")]
OptionalConfig = Annotated[Path | None, typer.Option("--config", help="The operator's file (YAML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The folder of the store.")]


@app.command()
def serve(
    config: OptionalConfig = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Loopback, built-in summarizer, HTTP key `demo`.")
    ] = False,
    mllp_port: Annotated[int, typer.Option(help="With --demo; 0 lets the system choose.")] = 2575,
    http_port: Annotated[int, typer.Option(help="With --demo; 0 lets the system choose.")] = 8080,
    data_dir: DataDir = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the gateway. Prints one line a listener, then `ready`."""
    from gateway.commands.serve import serve

    raise typer.Exit(serve(config, demo, mllp_port, http_port, data_dir, log_level))


@app.command()
def replay(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders; the type is told by the content.")],
    mllp: Annotated[str, typer.Option(help="HOST:PORT for HL7 v2.")] = "127.0.0.1:2575",
    fhir: Annotated[str, typer.Option(help="Base URL for FHIR.")] = "http://127.0.0.1:8080/fhir/R4",
    soap: Annotated[str, typer.Option(help="Base URL for SOAP.")] = "http://127.0.0.1:8080/soap",
    key: Annotated[str, typer.Option(help="API key for HTTP.")] = "demo",
    expect: Annotated[bool, typer.Option("--expect", help="Compare with the `.expected` replies.")] = False,
    write_expected: Annotated[
        bool, typer.Option("--write-expected", help="Write the replies as the expected ones.")
    ] = False,
    concurrency: Annotated[int, typer.Option(min=1, help="Messages under way at once.")] = 1,
    repeat: Annotated[int, typer.Option(min=1, help="Send each message so often.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show replies and summaries.")] = False,
) -> None:
    """Send messages to a gateway and report what came back. Exit code 1 on any difference or failure."""
    from gateway.commands.replay import Targets, replay

    targets = Targets(mllp, fhir, soap, key)
    raise typer.Exit(
        replay(
            paths,
            targets,
            expect=expect,
            write_expected=write_expected,
            concurrency=concurrency,
            repeat=repeat,
            as_json=as_json,
            verbose=verbose,
        )
    )


@app.command()
def translate(
    file: Annotated[Path | None, typer.Argument()] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema instead.")] = False,
    conformance: Annotated[
        bool, typer.Option("--conformance", help="Also list what hl7apy or fhir.resources find wrong.")
    ] = False,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Print what a model would be asked instead.")
    ] = False,
    budget_tokens: Annotated[
        int | None, typer.Option("--budget", min=1, help="With --prompt: the tokens that it may take.")
    ] = None,
    deidentify: Annotated[
        str, typer.Option(help="Without identity, as a rule would ask: none, limited or safe_harbor.")
    ] = "none",
) -> None:
    """Print the normalised request as JSON. Nothing is sent, nothing stored."""
    from gateway.commands.translate import translate

    raise typer.Exit(
        translate(
            file,
            schema=schema,
            conformance=conformance,
            prompt=prompt,
            budget_tokens=budget_tokens,
            level=deidentify,
        )
    )


@app.command()
def explain(
    config: ConfigOption,
    file: Annotated[Path | None, typer.Argument()] = None,
    partner: Annotated[str, typer.Option(help="Decide as if this partner had sent it.")] = "",
    authentication: Annotated[
        str, typer.Option(help="Decide as if it had proved so who it is: api-key, client-certificate ...")
    ] = "",
    at: Annotated[str | None, typer.Option(help="Decide as at this time, 2026-11-23T09:30.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Another operator's file: show what it would change.")
    ] = None,
    recorded: Annotated[
        str,
        typer.Option(help="With --against: hold stored decisions since then against it: 24h, 7d, a time."),
    ] = "",
    data_dir: DataDir = None,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="With --against: exit code 1 where something differs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what policy decides for a message and why, rule by rule. No model is called."""
    if (file is None) == (not recorded) or (recorded and against is None):
        raise typer.BadParameter("give a file, or --recorded with --against")
    if file is None and against is not None:
        from gateway.commands.recorded import explain_recorded

        raise typer.Exit(
            explain_recorded(
                recorded, config, against, data_dir, as_json=as_json, fail_on_change=fail_on_change
            )
        )
    from gateway.commands.explain import Sender, explain

    sender = Sender(partner, authentication)
    assert file is not None  # noqa: S101
    raise typer.Exit(
        explain(file, config, sender, at=at, against=against, as_json=as_json, fail_on_change=fail_on_change)
    )


@app.command()
def check(
    config: ConfigOption,
    hipaa: Annotated[
        bool, typer.Option("--hipaa", help="Each safeguard with the evidence found in the file.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --hipaa.")] = False,
) -> None:
    """Name every error of the operator's file with its key, or what would be started."""
    if hipaa:
        from gateway.commands.hipaa import check_hipaa

        raise typer.Exit(check_hipaa(config, as_json=as_json))
    from gateway.commands.check import check

    raise typer.Exit(check(config))


@app.command()
def reload(config: ConfigOption, data_dir: DataDir = None) -> None:
    """Put a changed file in force in the running gateway: partners, models and policy."""
    from gateway.commands.reload import reload

    raise typer.Exit(reload(config, data_dir))


@app.command()
def usage(
    config: ConfigOption,
    data_dir: DataDir = None,
    partner: Annotated[str, typer.Option(help="Only what is counted for this partner.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Every limit and quota: what is spent, held and left, and when it begins anew."""
    from gateway.commands.usage import usage

    raise typer.Exit(usage(config, data_dir, partner, as_json=as_json))


@messages.command("list")
def messages_list(
    config: OptionalConfig = None,
    data_dir: DataDir = None,
    partner: Annotated[str, typer.Option()] = "",
    control_id: Annotated[str, typer.Option(help="MSH-10 or its like.")] = "",
    work: Annotated[str, typer.Option(help="accepted, summarized, kept, refused, failed ...")] = "",
    mrn: Annotated[str, typer.Option(help="Any identifier of the patient.")] = "",
    visit: Annotated[str, typer.Option(help="Visit number.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The newest messages first, with how they were answered."""
    from gateway.commands.messages import list_messages
    from gateway.store.reads import MessageFilter

    wanted = MessageFilter(partner, control_id, work, mrn, visit, limit)
    raise typer.Exit(list_messages(config, data_dir, wanted, as_json=as_json))


@messages.command("show")
def messages_show(
    message_id: str,
    config: OptionalConfig = None,
    data_dir: DataDir = None,
    part: Annotated[
        str, typer.Option(help="Only this: body, request, reply, summary or error, as it is.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """One message: what came, how it was read and decided, what was answered, and its summary."""
    from gateway.commands.messages import show_message

    raise typer.Exit(show_message(config, data_dir, message_id, part, as_json=as_json))


@audit.command("verify")
def audit_verify(config: OptionalConfig = None, data_dir: DataDir = None) -> None:
    """Find every change, removal or reorder, and say where. Exit code 1 if there is any."""
    from gateway.commands.audit import verify

    raise typer.Exit(verify(config, data_dir))


@audit.command("export")
def audit_export(
    config: OptionalConfig = None,
    data_dir: DataDir = None,
    since: Annotated[datetime | None, typer.Option(help="Only what was written since, UTC.")] = None,
) -> None:
    """FHIR AuditEvent resources, one a line."""
    from gateway.commands.audit import export

    raise typer.Exit(export(config, data_dir, since.replace(tzinfo=UTC) if since else None))


@audit.command("breakglass")
def audit_breakglass(
    config: OptionalConfig = None,
    data_dir: DataDir = None,
    since: Annotated[datetime | None, typer.Option(help="Only what was written since, UTC.")] = None,
) -> None:
    """Access that was asked for in an emergency, for review: who, when, why, and what became of it."""
    from gateway.commands.audit import breakglass

    raise typer.Exit(breakglass(config, data_dir, since.replace(tzinfo=UTC) if since else None))


@audit.command("prune")
def audit_prune(
    config: OptionalConfig = None,
    data_dir: DataDir = None,
    older_than_days: Annotated[int, typer.Option(min=1)] = 2192,
) -> None:
    """Remove entries at the end of their retention, six years by default. The removal is an entry itself."""
    from gateway.commands.audit import prune

    raise typer.Exit(prune(config, data_dir, older_than_days))


@keys.command("new")
def keys_new(
    config: ConfigOption,
    partner: Annotated[str, typer.Option(help="Whose key it is.")],
    name: Annotated[str, typer.Option(help="What for, as it stands in lists and the audit.")] = "",
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day (UTC) on which it counts.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Issue an API key. It is printed once, on standard output; only its hash is kept."""
    from gateway.commands.keys import new

    raise typer.Exit(new(config, data_dir, partner, name, expires.date() if expires else None))


@keys.command("list")
def keys_list(
    config: OptionalConfig = None,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Every key that was issued, with when it was used last."""
    from gateway.commands.keys import list_keys

    raise typer.Exit(list_keys(config, data_dir, as_json=as_json))


@keys.command("revoke")
def keys_revoke(key_id: str, config: OptionalConfig = None, data_dir: DataDir = None) -> None:
    """From now on the key is refused, by a running gateway within a second."""
    from gateway.commands.keys import revoke

    raise typer.Exit(revoke(config, data_dir, key_id))


def main() -> None:
    app()


if __name__ == "__main__":
    main()
