"""Seen from outside: every provider gets tokens and none of the identifiers, the partner gets its own back."""

import asyncio
import json
from contextlib import AsyncExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from gateway.service import SOFTWARE_VERSION
from gateway.store.audit_log import AuditReader
from tests.fakes.provider import Fake
from tests.fakes.routes import KINDS
from tests.fakes.script import SERVER_ERROR, Behaviour
from tests.gateway.deidentify.carriers import document_reference
from tests.gateway.deidentify.notes import notes
from tests.on_reactor import on_reactor
from tests.processes import gateway

DEMO = "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea"
SAID = {
    "section": "notes",
    "text": "[PATIENT-NAME-1] vomited; **patient-name-1b** had no fever.",
    "evidence": ["N1"],
}
"""The forms in which models write tokens."""
LIMITS = {"retries": {"most": 0}}


@on_reactor
async def test_no_provider_gets_an_identifier_and_the_partner_gets_all_back(tmp_path: Path) -> None:
    note = next(notes(held_out=False, number=1))
    async with AsyncExitStack() as stack:
        fakes = {kind: await stack.enter_async_context(Fake(KINDS[kind].make())) for kind in KINDS}
        for fake in fakes.values():
            fake.script.otherwise = SERVER_ERROR
        *_, last = fakes
        fakes[last].script.otherwise = Behaviour(text=json.dumps({"statements": [SAID]}))
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(settings(fakes)))
        server = stack.enter_context(gateway(config, tmp_path / "data"))
        reply = await asyncio.to_thread(summarized, server.ports["web"], document_reference(note))
    who = note.persona
    identifiers = {note.text[label.start : label.end] for label in note.labels}
    identifiers |= {
        who.given,
        who.family,
        who.mrn,
        who.visit,
        who.email,
        who.street,
        who.town,
        who.birth.isoformat(),
    }
    for kind, fake in fakes.items():
        assert fake.asked, kind
        for asked in fake.asked:
            body = json.dumps(asked.ask.body, ensure_ascii=False)
            assert "[PATIENT-NAME-1" in body, kind
            assert [each for each in identifiers if each in body or each.replace("\n", "\\n") in body] == []
    said = reply.decode()
    assert f"{who.given} {who.family} vomited; **{who.family}** had no fever." in said
    assert "identifiers were replaced" in said
    [derived] = [each for each in entities(reply) if each["role"] == "derivation"]
    [agent] = derived["agent"]
    assert [each["code"] for each in agent["role"][0]["coding"]] == ["deidentify", "DEID"]
    assert agent["role"][0]["text"] == "safe_harbor, as all asks"
    assert "safe harbor (45 CFR 164.514(b)(2))" in derived["what"]["display"]
    by_url = {each["fullUrl"]: each["resource"] for each in json.loads(reply)["entry"]}
    tool = by_url[agent["who"]["reference"]]
    assert (tool["resourceType"], tool["version"][0]["value"]) == ("Device", SOFTWARE_VERSION)
    outcomes = [json.loads(row.entry) for row in AuditReader(tmp_path / "data").entries()]
    assert [each["deidentified"] for each in outcomes if each["event"] == "outcome"] == ["safe_harbor"]


@on_reactor
async def test_where_the_answer_is_of_this_process_nothing_was_de_identified_for_it(tmp_path: Path) -> None:
    note = next(notes(held_out=False, number=1))
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(Fake(KINDS["openai"].make()))
        fake.script.otherwise = SERVER_ERROR
        given = settings({"openai": fake})
        given["backends"]["builtin"] = {"type": "extractive"}
        given["models"]["clinical"]["versions"]["1"]["fallback"] = ["builtin"]
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(given))
        server = stack.enter_context(gateway(config, tmp_path / "data"))
        reply = await asyncio.to_thread(summarized, server.ports["web"], document_reference(note))
    assert fake.asked
    assert {each["role"] for each in entities(reply)} == {"source"}


def entities(reply: bytes) -> list[dict[str, Any]]:
    """Of the Provenance of an answer."""
    resources = [each["resource"] for each in json.loads(reply)["entry"]]
    [provenance] = [each for each in resources if each["resourceType"] == "Provenance"]
    made: list[dict[str, Any]] = provenance["entity"]
    return made


def settings(fakes: dict[str, Fake]) -> dict[str, Any]:
    backends = {kind: {**KINDS[kind].settings(fake.url, "k"), **LIMITS} for kind, fake in fakes.items()}
    first, *others = backends
    version = {"targets": [{"backend": first}], "fallback": others, "deadline_s": 60}
    rule = {
        "id": "all",
        "effect": "permit",
        "when": {"partner": ["demo"]},
        "then": {"deidentify": "safe_harbor"},
    }
    return {
        "listeners": [{"name": "web", "protocol": "http", "bind": "127.0.0.1:0", "serve": ["fhir"]}],
        "partners": {"demo": {"identify": [{"api_key_sha256": DEMO}], "purpose_of_use": ["TREAT"]}},
        "backends": backends,
        "models": {"clinical": {"default": "1", "versions": {"1": version}}},
        "policy": {"rules": [rule]},
    }


def summarized(port: int, bundle: bytes) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": "Bearer demo", "Content-Type": "application/fhir+json"}
    connection.request("POST", "/fhir/R4/$summarize", bundle, headers)
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, body[:500]
    return body
