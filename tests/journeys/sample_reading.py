"""The project's own samples, read as `ehr-gateway translate` reads them: no gateway, no socket, no store."""

from functools import cache
from pathlib import Path
from typing import Any

from gateway.commands.inputs import read_inputs
from gateway.commands.offline import as_message, offline_translators, request_of
from gateway.interfaces import Translator
from gateway.messages import Opened, Protocol
from gateway.request import SummarizationRequest

SAMPLES = Path(__file__).parents[2] / "samples"

FILES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*.*")
    if path.suffix in (".hl7", ".json", ".xml")
)
"""Every sample by its name, such as `hl7v2/adt_a01_admission.hl7`."""


@cache
def _translators() -> dict[Protocol, Translator]:
    return offline_translators()


def opened(name: str) -> tuple[Opened[Any], SummarizationRequest | None]:
    """What a sample wants, and what it says where it wants a summary. Raises `GatewayError`."""
    path = SAMPLES / name
    (source,) = read_inputs(path, path.read_bytes())
    message = as_message(source)
    return request_of(message, _translators()[message.protocol], "sample")


@cache
def request(name: str) -> SummarizationRequest:
    found = opened(name)[1]
    assert found is not None, f"{name} asks for no summary of its own"
    return found
