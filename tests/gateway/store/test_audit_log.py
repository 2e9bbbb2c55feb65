"""The audit in the store: with each record or not at all, and nothing that was done to it stays unseen."""

import asyncio
import json
import os
import sqlite3
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from gateway.audit.entries import of_look
from gateway.audit.export import audit_event
from gateway.audit.verification import Finding
from gateway.commands.audit import export, verify
from gateway.commands.messages import show_message
from gateway.errors import ErrorKind, GatewayError
from gateway.records import AnswerState, Progress, Work
from gateway.store.audit_log import CHECKPOINTS_FILE, AuditReader
from gateway.store.database import database_path
from gateway.store.message_store import MessageStore
from tests.gateway.store.making import NOW, answer_to, new_record
from tests.gateway.store.test_message_store import open_store
from tests.on_reactor import on_reactor


def said(data_dir: Path) -> list[dict]:
    return [json.loads(row.entry) for row in AuditReader(data_dir).entries()]


async def filled(data_dir: Path, count: int = 8) -> None:
    async with open_store(data_dir) as store:
        records = [new_record(control_id=f"C{number}", mrn=f"MRN-SECRET-{number}") for number in range(count)]
        await asyncio.gather(*map(store.add, records))
        await store.advance(Progress(records[0].message.id, work=Work.WORKING))
        await store.advance(
            Progress(records[0].message.id, work=Work.SUMMARIZED, result=answer_to(records[0]))
        )
        await store.advance(Progress(records[0].message.id, answer=AnswerState.ACKNOWLEDGED))


def findings(data_dir: Path) -> list[Finding]:
    found: list[Finding] = []
    AuditReader(data_dir).verify(found.append)
    return found


def edit(data_dir: Path, statement: str) -> None:
    with sqlite3.connect(database_path(data_dir)) as connection:
        connection.execute(statement)
    connection.close()


@on_reactor
async def test_each_step_is_an_entry_and_none_holds_content(tmp_path: Path) -> None:
    await filled(tmp_path)
    entries = said(tmp_path)
    steps = ["start", *["decision"] * 8, "dispatch", "outcome", "return"]
    assert [each["event"] for each in entries] == steps
    assert entries[1]["partner"] == "epic"
    assert len(entries[1]["patient"]) == 32
    assert entries[10]["backend"] == "builtin"
    text = json.dumps(entries)
    for secret in ("SECRET", "Penicillin", "the body"):
        assert secret not in text
    assert findings(tmp_path) == []


@on_reactor
async def test_a_store_that_cannot_take_the_audit_takes_nothing(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.add(new_record(control_id="before"))
        edit(
            tmp_path, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )
        with pytest.raises(GatewayError) as refused:
            await store.add(new_record(control_id="after"))
        assert refused.value.kind is ErrorKind.STORE_UNAVAILABLE
        edit(tmp_path, "DROP TRIGGER full")
        await store.add(new_record(control_id="again"))
    assert [each["event"] for each in said(tmp_path)] == ["start", "decision", "decision"]
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    ("tampering", "numbers"),
    [
        ("UPDATE audit SET entry = replace(entry, 'epic', 'else') WHERE number = 3", [3]),
        ("UPDATE audit SET at = at - 3600 WHERE number = 4", [4]),
        ("DELETE FROM audit WHERE number = 5", [6]),
        ("DELETE FROM audit WHERE number < 3", [3]),
        ("DELETE FROM audit WHERE number > 9", [12]),
        ("DELETE FROM audit", [12]),
        ("UPDATE audit SET entry = 'no JSON' WHERE number = 3", [3]),
        ("UPDATE audit SET entry = x'ff00', mac = 'text', at = 'late' WHERE number = 3", [3]),
        ("UPDATE audit SET number = CASE number WHEN 2 THEN -3 WHEN 3 THEN 2 END WHERE number IN (2, 3)", []),
    ],
)
@on_reactor
async def test_tampering_is_found_where_it_was_done(
    tmp_path: Path, tampering: str, numbers: list[int]
) -> None:
    await filled(tmp_path)
    edit(tmp_path, tampering)
    found = [each.number for each in findings(tmp_path)]
    assert found
    assert set(numbers) <= set(found)


@on_reactor
async def test_a_forged_checkpoint_is_found(tmp_path: Path) -> None:
    await filled(tmp_path)
    file = tmp_path / CHECKPOINTS_FILE
    file.write_text(file.read_text().replace('"number": 12', '"number": 11'))
    assert ["was changed" in each.what for each in findings(tmp_path)] == [True]


@pytest.mark.parametrize("torn", [b'{"number": 12, "mac": "5f', b"\0" * 40, b"[1, 2]"])
@on_reactor
async def test_a_checkpoint_that_a_power_cut_left_unfinished_is_found_and_hides_no_other(
    tmp_path: Path, torn: bytes
) -> None:
    await filled(tmp_path)
    with (tmp_path / CHECKPOINTS_FILE).open("ab") as file:
        file.write(torn)
    line = (tmp_path / CHECKPOINTS_FILE).read_bytes().count(b"\n") + 1
    place = f"line {line} of the checkpoints"
    assert [str(each).startswith(place) for each in findings(tmp_path)] == [True]
    await filled(tmp_path)
    found: list[Finding] = []
    verification = AuditReader(tmp_path).verify(found.append)
    assert [each.what.startswith(place) for each in found] == [True]
    assert verification.checkpoints == line + 1, "the first after the torn one can be read"
    assert verification.newest is not None
    assert verification.newest.number == verification.last == verification.entries
    edit(tmp_path, "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    assert "is missing" in findings(tmp_path)[-1].what


@on_reactor
async def test_a_verification_takes_no_more_memory_for_more_entries(tmp_path: Path) -> None:
    peaks = []
    for count in (500, 8000):
        async with open_store(tmp_path) as store:
            await asyncio.gather(*(store.add(new_record(control_id=f"{count}-{n}")) for n in range(count)))
        tracemalloc.start()
        assert findings(tmp_path) == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 200_000


@on_reactor
async def test_looks_of_people_join_the_chain_of_a_running_store(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.add(new_record(control_id="C1"))
        AuditReader(tmp_path).look(of_look("analyst", "messages show", "m1"))
        await store.add(new_record(control_id="C2"))
    assert [each["event"] for each in said(tmp_path)] == ["start", "decision", "look", "decision"]
    assert findings(tmp_path) == []


@on_reactor
async def test_pruning_is_an_entry_and_what_is_left_is_whole(tmp_path: Path) -> None:
    await filled(tmp_path)
    reader = AuditReader(tmp_path)
    later = datetime.now(UTC) + timedelta(days=3650)
    assert reader.prune(datetime(2020, 1, 1, tzinfo=UTC), "privacy") == 0
    assert reader.prune(later, "privacy") == 12
    reader.look(of_look("analyst", "messages show"))
    assert [each["event"] for each in said(tmp_path)] == ["deletion", "look"]
    assert findings(tmp_path) == []
    edit(tmp_path, "DELETE FROM audit WHERE number = 13")
    assert findings(tmp_path) != []


@on_reactor
async def test_every_entry_is_a_valid_audit_event(tmp_path: Path) -> None:
    await filled(tmp_path)
    reader = AuditReader(tmp_path)
    reader.look(of_look("analyst", "messages list", patient="ab" * 16))
    exported = [audit_event(row, "RIVERSIDE_GW") for row in reader.entries()]
    for each in exported:
        AuditEvent.model_validate(each)
    assert [each["action"] for each in exported] == ["E"] * 12 + ["R"]
    assert exported[1]["agent"][0]["who"] == {"display": "epic"}


@on_reactor
async def test_a_message_without_its_entry_is_found(tmp_path: Path) -> None:
    await filled(tmp_path)
    edit(tmp_path, "UPDATE message SET received_at = received_at + 60")
    assert findings(tmp_path) == []
    edit(tmp_path, "DELETE FROM audit")
    (tmp_path / CHECKPOINTS_FILE).unlink()
    found = [each.what for each in findings(tmp_path)]
    assert len(found) == 8
    assert found[0].startswith("there is none of message ")


@on_reactor
async def test_while_a_checkpoint_that_is_due_cannot_be_written_nothing_is(tmp_path: Path) -> None:
    times = [NOW]
    store = MessageStore(tmp_path, lambda: times[-1])
    await store.add(new_record(control_id="before"))
    (tmp_path / CHECKPOINTS_FILE).unlink(missing_ok=True)
    (tmp_path / CHECKPOINTS_FILE).mkdir()
    times.append(NOW + timedelta(minutes=2))
    for control_id in ("first", "second"):
        with pytest.raises(GatewayError) as refused:
            await store.add(new_record(control_id=control_id))
        assert refused.value.kind is ErrorKind.STORE_UNAVAILABLE
    (tmp_path / CHECKPOINTS_FILE).rmdir()
    await store.add(new_record(control_id="after"))
    assert (tmp_path / CHECKPOINTS_FILE).read_bytes().count(b"\n") == 1
    await store.close()
    assert [each["event"] for each in said(tmp_path)] == ["start", "decision", "decision"]
    assert findings(tmp_path) == []


@on_reactor
async def test_a_stop_ends_though_its_checkpoint_cannot_be_written(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.add(new_record())
        (tmp_path / CHECKPOINTS_FILE).unlink(missing_ok=True)
        (tmp_path / CHECKPOINTS_FILE).mkdir()
    (tmp_path / CHECKPOINTS_FILE).rmdir()
    async with open_store(tmp_path):
        assert [each["event"] for each in said(tmp_path)] == ["start", "decision", "start"]


@on_reactor
async def test_a_command_says_what_it_cannot_read_or_write_and_shows_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = new_record()
    async with open_store(tmp_path) as store:
        await store.add(record)
    (tmp_path / CHECKPOINTS_FILE).unlink()
    (tmp_path / CHECKPOINTS_FILE).mkdir()
    assert verify(None, tmp_path) == os.EX_IOERR
    assert export(None, tmp_path, None) == os.EX_IOERR
    assert show_message(None, tmp_path, record.message.id, "body", as_json=False) == os.EX_IOERR
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("the store cannot be read or written") == 3
