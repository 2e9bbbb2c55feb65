"""CPU time of each step of a message's way, alone in its process: `python -m tests.bench.stages [adt ...]`.

The least of many runs: what a step costs when nothing disturbs it. Under load on two hyperthreads of one
core, the same step takes about one and a half times as long.
"""

import gc
import sys
import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from gateway.backends.extractive import summarize
from gateway.interfaces import Translator
from gateway.messages import GatewayIdentity, InboundMessage, Protocol
from gateway.service import Translators, translators_of
from gateway.summary import Answer
from tests.bench.http_payloads import fhir_bundle, process_document
from tests.bench.payloads import adt, oru40

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def message(protocol: Protocol, body: bytes, **http: object) -> InboundMessage:
    return InboundMessage(
        id="0" * 18, protocol=protocol, listener="bench", peer="127.0.0.1", received_at=NOW, body=body, **http
    )  # type: ignore[arg-type]


def cases(translators: Translators) -> dict[str, tuple[Translator, InboundMessage]]:
    json, xml = {"content-type": "application/fhir+json"}, {"content-type": "text/xml"}
    fhir = message(
        Protocol.FHIR, fhir_bundle(), method="POST", base="/fhir/R4", target="$summarize", headers=json
    )
    soap = message(Protocol.SOAP, process_document(), method="POST", base="/soap/notereader", headers=xml)
    return {
        "adt": (translators.hl7v2, message(Protocol.HL7V2, adt(1))),
        "oru40": (translators.hl7v2, message(Protocol.HL7V2, oru40(1))),
        "fhir": (translators.fhir, fhir),
        "soap": (translators.soap, soap),
    }


def microseconds(step: Callable[[], object]) -> float:
    step()
    number = max(1, int(0.02 / max(timeit.timeit(step, number=3, timer=time.process_time) / 3, 1e-6)))
    return min(timeit.repeat(step, number=number, repeat=15, timer=time.process_time)) / number * 1e6


def main() -> None:
    translators = translators_of(GatewayIdentity("BENCH", "", "0", "http://127.0.0.1:8080"))
    gc.collect()
    gc.freeze()
    gc.disable()
    for name, (translator, sent) in cases(translators).items():
        if name in (sys.argv[1:] or [name]):
            print(_figures(name, translator, sent))


def _figures(name: str, translator: Translator, sent: InboundMessage) -> str:
    opened = translator.open(sent)
    request = translator.to_request(sent, opened, "bench")
    answer = Answer(request=request, summary=summarize(request), generated_at=NOW)
    steps: dict[str, Callable[[], object]] = {
        "open": lambda: translator.open(sent),
        "to_request": lambda: translator.to_request(sent, translator.open(sent), "bench"),
        "summarize": lambda: summarize(request),
        "dump": lambda: orjson.dumps(request),
        "to_reply": lambda: (
            translator.to_receipt(sent, opened, NOW)
            if sent.protocol is Protocol.HL7V2
            else translator.to_reply(sent, opened, answer, NOW)
        ),
    }
    figures = ", ".join(f"{step} {microseconds(work):.0f}" for step, work in steps.items())
    return f"{name:6} {len(sent.body):6} bytes {len(request.facts):3} facts, us: {figures}"


if __name__ == "__main__":
    main()
