"""A pipeline with the real translators and backends that only write down what they are given.

`say` sends one message as a partner would and gives the reply with what was stored.
"""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from gateway.identity.partners import Identification, Partner, PartnerTable
from gateway.messages import GatewayIdentity, InboundMessage, Protocol, Reply
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.policy.quotas import Quota
from gateway.policy.rules import BackendFacts, Effect, ModelVersion, Policy, Rule
from gateway.request import SummarizationRequest
from gateway.service import translators_of
from gateway.spending import BackendTerms, Spending
from gateway.store.message_store import MessageStore
from gateway.summarizer import Summarizer
from gateway.summary import Statement, Summary, SummarySection
from tests.gateway.plugs import NOW

IDENTITY = GatewayIdentity("RIVERSIDE-GW", "RIVERSIDE", "0.1.0", "http://gateway.example:8080")
CLOUD = BackendFacts("cloud", region="us", baa_expires=date(2030, 1, 31))
WARD = BackendFacts("ward", on_premises=True)
ALL = Rule("all", Effect.PERMIT)
PARTNER = Partner(
    "all",
    (
        Identification(api_key_sha256=sha256(b"demo").hexdigest()),
        Identification(network=ip_network("127.0.0.0/8")),
    ),
    purpose_of_use=("TREAT",),
)


class Recorder:
    """A backend whose summary names every origin that it read."""

    repeatable = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.read: list[SummarizationRequest] = []

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        self.read.append(request)
        origins = [each.origin for each in (*request.facts, *request.notes)]
        statements = tuple(
            Statement(section=SummarySection.NOTES, text="Stated.", evidence=(origin,)) for origin in origins
        )
        return Summary(
            statements=statements,
            text="Stated.",
            backend=self.name,
            model_asked=model,
            model_served=self.name,
        )

    async def close(self) -> None: ...


@dataclass
class Gate:
    pipeline: Pipeline
    backends: dict[str, Recorder]
    data_dir: Path
    _ids: Any = field(default_factory=lambda: iter(f"{number:018d}" for number in range(1, 10**6)))

    async def say(self, message: InboundMessage) -> Reply:
        return await self.pipeline.handle(message)

    async def fhir(self, bundle: dict[str, Any], *parameters: dict[str, Any], **headers: str) -> Reply:
        body = bundle
        if parameters:
            parts = [{"name": "resource", "resource": bundle}, *parameters]
            body = {"resourceType": "Parameters", "parameter": parts}
        sent = {"content-type": "application/fhir+json", "authorization": "Bearer demo"}
        return await self.say(
            InboundMessage(
                id=next(self._ids),
                protocol=Protocol.FHIR,
                listener="web",
                peer="127.0.0.1",
                received_at=NOW,
                body=json.dumps(body).encode(),
                method="POST",
                base="/fhir/R4",
                target="$summarize",
                headers=sent | {name.replace("_", "-"): value for name, value in headers.items()},
            )
        )

    async def soap(self, document: bytes, *options: tuple[str, str], **headers: str) -> Reply:
        """A CDA document to our own service."""
        given = "".join(f"<{name}>{value}</{name}>" for name, value in options)
        carried = base64.b64encode(document).decode()
        body = (
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
            '<Summarize xmlns="urn:ehr-gateway:summarize:1">'
            f'<document mediaType="application/cda+xml">{carried}</document>{given}</Summarize></s:Body></s:Envelope>'
        )
        return await self.say(
            InboundMessage(
                id=next(self._ids),
                protocol=Protocol.SOAP,
                listener="web",
                peer="127.0.0.1",
                received_at=NOW,
                body=body.encode(),
                method="POST",
                base="/soap/summarize",
                headers={"content-type": "application/soap+xml"}
                | {name.replace("_", "-"): value for name, value in headers.items()},
            )
        )

    async def hl7v2(self, *segments: str, certificate: str | None = None) -> Reply:
        return await self.say(
            InboundMessage(
                id=next(self._ids),
                protocol=Protocol.HL7V2,
                listener="web",
                peer="127.0.0.1",
                received_at=NOW,
                body="\r".join(segments).encode(),
                client_certificate=certificate,
            )
        )

    async def summary_over_hl7v2(self, *segments: str, patient: str = "MRN-7") -> str:
        """The event's acknowledgment, or the summary that a query for the patient gets after it."""
        acknowledgment = (await self.hl7v2(*segments)).body.decode()
        if "MSA|AA" not in acknowledgment:
            return acknowledgment
        query = (
            "MSH|^~\\&|A|B|C|D|20261123||QBP^Q15^QBP_Q15|Q1|P|2.5.1",
            f"QPD|Q15^Summary|T1|{patient}",
            "RCP|I",
        )
        return _unfolded((await self.hl7v2(*query)).body.decode())


def _unfolded(reply: str) -> str:
    """With the text of its DSP-3 in one line."""
    shown = [segment.split("|")[3].strip() for segment in reply.split("\r") if segment.startswith("DSP|")]
    return f"{reply}\r{' '.join(shown)}"


@asynccontextmanager
async def gate(
    data_dir: Path,
    *rules: Rule,
    backends: tuple[BackendFacts, ...] = (CLOUD,),
    partner: Partner = PARTNER,
    now: datetime = NOW,
    quotas: tuple[Quota, ...] = (),
    **policy: Any,
) -> AsyncIterator[Gate]:
    recorders = {each.name: Recorder(each.name) for each in backends}
    names = [each.name for each in backends]
    version = ModelVersion("m", "1", ((names[0], 1),), tuple(names[1:]))
    terms = dict.fromkeys(names, BackendTerms(input_price=3, output_price=15, most_output=500))
    metrics = Metrics()
    translators = translators_of(IDENTITY)
    store = MessageStore(data_dir, lambda: now)
    pipeline = Pipeline(
        translators=translators.by_protocol(),
        enhanced=translators.by_protocol()[Protocol.HL7V2],
        partners=PartnerTable({partner.name: partner}, {"web": ()}),
        policy=Policy(
            rules or (ALL,),
            {"m": {"1": version}},
            {"m": "1"},
            {each.name: each for each in backends},
            "r1",
            **policy,
        ),
        store=store,
        summarizer=Summarizer(recorders, lambda: now, lambda: 0.0),
        metrics=metrics,
        now=lambda: now,
        spending=Spending(quotas, UTC, (), terms, store, lambda: now, lambda: 0.0, metrics),
        finish_s=0.05,
    )
    try:
        yield Gate(pipeline, recorders, data_dir)
    finally:
        await pipeline.stop()
        await store.close()
