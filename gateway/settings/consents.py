"""A file of consents, YAML or JSON: a list of records, each about one patient."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from gateway.clinical import Consent
from gateway.identity.consents import ConsentSource
from gateway.settings.schema import ConsentSettings
from gateway.settings.strict import Strict


class ConsentRecord(Strict):
    patient: str = Field(min_length=1)
    """The number by which messages name the patient: PID-3, Patient.identifier, patientRole/id."""
    system: str = ""
    """Its assigning authority; empty: any."""
    decision: Literal["permit", "deny"]
    purposes: tuple[str, ...] = ()
    """Empty: any."""
    sensitivity: tuple[str, ...] = ()
    """Only of content with these labels; empty: of all."""
    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    """Both inclusive."""


_RECORDS = TypeAdapter(tuple[ConsentRecord, ...])


def consent_source(given: ConsentSettings | None) -> ConsentSource:
    """Raises `OSError`, or `ValueError` for a file that is no list of such records."""
    if given is None:
        return ConsentSource()
    if given.path is None:
        return ConsentSource(trusts_message=True)
    return ConsentSource(on_file=_read(given.path))


def _read(path: Path) -> dict[str, tuple[Consent, ...]]:
    try:
        records = _RECORDS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or ())
    except ValidationError as error:  # its text would quote the file, and that is about patients
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ValueError(f"{path}: record {place} is not as a consent has to be") from None
    except yaml.YAMLError:
        raise ValueError(f"{path} is not YAML") from None
    found: dict[str, tuple[Consent, ...]] = {}
    for number, record in enumerate(records):
        consent = Consent(
            permits=record.decision == "permit",
            purposes=record.purposes,
            sensitivity=record.sensitivity,
            start=record.start.isoformat() if record.start else "",
            end=record.end.isoformat() if record.end else "",
            system=record.system,
            origin=f"{path.name}[{number}]",
            sha256=_sha256(record),
        )
        found[record.patient] = (*found.get(record.patient, ()), consent)
    return found


def _sha256(record: ConsentRecord) -> str:
    """Of what it says as JSON; whose it is left out, as hashes of little are guessed."""
    return sha256(record.model_dump_json(exclude={"patient", "system"}).encode()).hexdigest()
