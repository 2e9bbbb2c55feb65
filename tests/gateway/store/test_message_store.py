"""The store: what it takes is on disk, sealed, found again, and taken once."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Reply
from gateway.records import AnswerState, NewRecord, Progress, Work
from gateway.request import SummaryQuery
from gateway.store.database import SCHEMA_REVISION, database_path, migrate, open_engine
from gateway.store.keys import MASTER_KEY_VARIABLE, OLD_MASTER_KEYS_VARIABLE
from gateway.store.message_store import MessageStore, open_reader
from gateway.store.reads import MessageFilter
from gateway.store.tables import content, metadata
from tests.gateway.store.making import NOW, answer_to, new_record
from tests.on_reactor import on_reactor


@asynccontextmanager
async def open_store(data_dir: Path) -> AsyncIterator[MessageStore]:
    store = MessageStore(data_dir, lambda: NOW)
    try:
        yield store
    finally:
        await store.close()


def key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


@on_reactor
async def test_what_was_added_is_there_after_the_store_is_opened_again(tmp_path: Path) -> None:
    record = new_record(control_id="C1")
    async with open_store(tmp_path) as store:
        await store.add(record)
    async with open_store(tmp_path) as store:
        assert await store.request(record.message.id) == record.request
        assert await store.reply(record.message.id) == record.reply
        [unfinished] = await store.unfinished()
        assert (unfinished.message_id, unfinished.work) == (record.message.id, Work.ACCEPTED)


@pytest.mark.parametrize("body", [b"OBX|1|NM|GLU||5.4\r" * 2000, os.urandom(30_000), b"x" * 700_000, b""])
@on_reactor
async def test_every_body_is_read_back_as_it_came(body: bytes, tmp_path: Path) -> None:
    record = new_record(body=body)
    async with open_store(tmp_path) as store:
        await store.add(record)
    assert open_reader(tmp_path).content(record.message.id, "body") == body


@on_reactor
async def test_a_long_body_of_many_like_lines_takes_little_room(tmp_path: Path) -> None:
    record = new_record(body=b"OBX|1|NM|GLU||5.4\r" * 2000)
    async with open_store(tmp_path) as store:
        await store.add(record)
    with open_engine(database_path(tmp_path), read_only=True).connect() as connection:
        [stored] = connection.execute(
            select(func.length(content.c.sealed)).where(content.c.kind == "body")
        ).one()
    assert stored < len(record.message.body) / 10


@on_reactor
async def test_nothing_that_was_received_stands_readable_on_disk(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        record = new_record(body=b"MSH|PATIENTNAME", mrn="MRN-777-SECRET", visit="VISIT-SECRET")
        await store.add(record)
        await store.advance(Progress(record.message.id, work=Work.SUMMARIZED, result=answer_to(record)))
        on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (b"PATIENTNAME", b"MRN-777-SECRET", b"VISIT-SECRET", b"Penicillin"):
        assert secret not in on_disk
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600


@on_reactor
async def test_of_a_stranger_only_the_trace_is_kept(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        stranger = new_record(partner="", work=Work.REFUSED)
        await store.add(NewRecord(message=stranger.message, work=Work.REFUSED))
        reader = open_reader(tmp_path)
        [listed] = reader.list(MessageFilter())
        assert listed.size == len(stranger.message.body)
        assert reader.content(listed.id, "body") is None


@on_reactor
async def test_the_same_message_again_gets_the_stored_reply_and_is_stored_once(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        first = new_record(control_id="C1", duplicate_key=key_of("a"))
        again = new_record(control_id="C1", duplicate_key=key_of("a"))
        assert (await store.add(first)).duplicate_of is None
        stored = await store.add(again)
        assert stored.duplicate_of == first.message.id
        assert stored.reply == first.reply
        assert await store.request(again.message.id) is None


@on_reactor
async def test_two_of_the_same_in_one_commit_are_stored_once(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        pair = [new_record(control_id="C1", duplicate_key=key_of("a")) for _ in range(2)]
        stored = await asyncio.gather(*map(store.add, pair))
        assert [each.duplicate_of for each in stored] == [None, pair[0].message.id]
        assert stored[1].reply == pair[0].reply


@on_reactor
async def test_what_came_and_ended_at_once_is_read_back_as_if_it_had_been_written_in_two_steps(
    tmp_path: Path,
) -> None:
    async with open_store(tmp_path) as store:
        at_once, in_two = (new_record(work=Work.WORKING) for _ in range(2))
        ended = {
            record.message.id: Progress(
                record.message.id,
                work=Work.SUMMARIZED,
                result=answer_to(record),
                reply=Reply(b"it", code="200"),
            )
            for record in (at_once, in_two)
        }
        await store.add(replace(at_once, ended=ended[at_once.message.id]))
        await store.add(in_two)
        await store.advance(ended[in_two.message.id])
        reader = open_reader(tmp_path)
        first, second = reader.list(MessageFilter())
        assert first == replace(second, id=first.id)
        for record in (at_once, in_two):
            assert await store.answer(record.message.id) == answer_to(record)
            assert await store.reply(record.message.id) == Reply(b"it", code="200")


@on_reactor
async def test_a_control_id_with_other_content_is_stored_and_noted(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        await store.add(new_record(control_id="C1", duplicate_key=key_of("a")))
        other = await store.add(new_record(control_id="C1", duplicate_key=key_of("b")))
        elsewhere = await store.add(new_record(control_id="C1", duplicate_key=key_of("c"), partner="cerner"))
        assert (other.duplicate_of, other.control_id_reused) == (None, True)
        assert not elsewhere.control_id_reused


@on_reactor
async def test_a_freed_key_lets_the_message_in_again(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        first = new_record(control_id="C1", duplicate_key=key_of("a"))
        await store.add(first)
        await store.advance(Progress(first.message.id, work=Work.FAILED, frees_duplicate_key=True))
        assert (await store.add(new_record(control_id="C1", duplicate_key=key_of("a")))).duplicate_of is None


@on_reactor
async def test_states_move_on_two_axes(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        record = new_record()
        await store.add(record)
        await store.advance(Progress(record.message.id, work=Work.SUMMARIZED, result=answer_to(record)))
        await store.advance(Progress(record.message.id, answer=AnswerState.OWED))
        [unfinished] = await store.unfinished()
        assert (unfinished.work, unfinished.answer) == (Work.SUMMARIZED, AnswerState.OWED)
        await store.advance(Progress(record.message.id, answer=AnswerState.ACKNOWLEDGED))
        assert await store.unfinished() == []
        assert await store.answer(record.message.id) == answer_to(record)


@on_reactor
async def test_a_later_reply_replaces_the_earlier_one(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        record = new_record()
        await store.add(record)
        later = Reply(
            b"{}", status=422, content_type="application/fhir+json", headers=(("A", "b"),), code="422"
        )
        await store.advance(Progress(record.message.id, reply=later))
        assert await store.reply(record.message.id) == later


@on_reactor
async def test_the_latest_summary_is_found_by_patient_and_by_visit(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        old, new = new_record(mrn="A1"), new_record(mrn="A1", visit="V9")
        for record in (old, new):
            await store.add(record)
            await store.advance(Progress(record.message.id, work=Work.SUMMARIZED, result=answer_to(record)))
        found = await store.find("epic", SummaryQuery(patient=[(" a1 ", "")]))
        assert found.answer == answer_to(new)
        assert (await store.find("epic", SummaryQuery(visit=[("V1", "")]))).answer == answer_to(old)


@pytest.mark.parametrize(
    ("partner", "query"),
    [
        ("epic", SummaryQuery(patient=[("MRN1", "OTHER-HOSPITAL")])),
        ("epic", SummaryQuery(patient=[("MRN2", "HOSP")])),
        ("cerner", SummaryQuery(patient=[("MRN1", "HOSP")])),
        ("epic", SummaryQuery()),
    ],
    ids=["other authority", "other number", "other partner", "nothing asked"],
)
@on_reactor
async def test_another_patients_summary_is_never_found(
    partner: str, query: SummaryQuery, tmp_path: Path
) -> None:
    async with open_store(tmp_path) as store:
        record = new_record(mrn="MRN1", authority="HOSP")
        await store.add(record)
        await store.advance(Progress(record.message.id, work=Work.SUMMARIZED, result=answer_to(record)))
        assert (await store.find("epic", SummaryQuery(patient=[("MRN1", "HOSP")]))).answer is not None
        assert (await store.find(partner, query)).answer is None


@pytest.mark.parametrize(
    ("first", "second", "query", "is_certain"),
    [
        (("HOSP", "1958"), ("CLINIC", "1970"), "", False),
        (("HOSP", ""), ("CLINIC", ""), "", False),
        (("", "1958"), ("", "1970"), "HOSP", False),
        (("HOSP", "1958"), ("CLINIC", "1970"), "CLINIC", True),
        (("HOSP", "1958"), ("HOSP", "1958"), "", True),
        (("", ""), ("", ""), "", True),
    ],
    ids=[
        "query without authority",
        "nor birth dates",
        "feeds without authority",
        "named",
        "one",
        "nothing known",
    ],
)
@on_reactor
async def test_a_number_of_several_people_tells_of_none_of_them(
    first: tuple[str, str], second: tuple[str, str], query: str, is_certain: bool, tmp_path: Path
) -> None:
    async with open_store(tmp_path) as store:
        for authority, born in (first, second):
            record = new_record(mrn="MRN1", authority=authority, born=born)
            await store.add(record)
            await store.advance(Progress(record.message.id, work=Work.SUMMARIZED, result=answer_to(record)))
        wanted = SummaryQuery(patient=[("MRN1", query)])
        if is_certain:
            assert (await store.find("epic", wanted)).answer == answer_to(record)
        else:
            with pytest.raises(GatewayError) as refused:
                await store.find("epic", wanted)
            assert refused.value.kind is ErrorKind.SEVERAL_PATIENTS


@pytest.mark.parametrize(("work", "is_past"), [(Work.FAILED, True), (Work.WORKING, True), (Work.KEPT, False)])
@on_reactor
async def test_a_summary_says_when_a_newer_message_has_none(
    work: Work, is_past: bool, tmp_path: Path
) -> None:
    async with open_store(tmp_path) as store:
        summarized = new_record(mrn="MRN1")
        await store.add(summarized)
        await store.advance(
            Progress(summarized.message.id, work=Work.SUMMARIZED, result=answer_to(summarized))
        )
        await store.add(new_record(mrn="MRN1", work=work))
        found = (await store.find("epic", SummaryQuery(patient=[("MRN1", "HOSP")]))).answer
        assert found is not None
        assert [each.code for each in found.summary.warnings] == ["newer-not-summarized"] * is_past


@on_reactor
async def test_messages_are_listed_by_what_people_know_of_them(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        record = new_record(control_id="C1", mrn="FINDME")
        await store.add(record)
        await store.add(new_record(control_id="C2"))
        reader = open_reader(tmp_path)
        for wanted in (MessageFilter(control_id="C1"), MessageFilter(mrn="findme")):
            assert [each.id for each in reader.list(wanted)] == [record.message.id]
        assert len(reader.list(MessageFilter(partner="epic", work="accepted"))) == 2
        assert reader.content(record.message.id, "body") == record.message.body


@on_reactor
async def test_a_full_disk_refuses_and_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        kept = new_record()
        await store.add(kept)
        pages = store._write_connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        store._write_connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        store._write_connection.rollback()
        with pytest.raises(GatewayError) as full:
            await store.add(new_record(body=os.urandom(100_000)))
        assert full.value.kind is ErrorKind.STORE_UNAVAILABLE
        store._write_connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        store._write_connection.rollback()
        await store.add(new_record())
        assert await store.request(kept.message.id) == kept.request


@on_reactor
async def test_one_record_that_cannot_be_written_does_not_take_its_neighbours_along(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        good = [new_record() for _ in range(3)]
        twin = NewRecord(message=good[0].message, partner="epic")  # the same id: the row cannot be written
        stored = await asyncio.gather(
            *(store.add(each) for each in [good[0], good[1], twin, good[2]]), return_exceptions=True
        )
        assert [isinstance(each, GatewayError) for each in stored] == [False, False, True, False]
        assert len(open_reader(tmp_path).list(MessageFilter())) == 3


@on_reactor
async def test_a_store_has_one_writer(tmp_path: Path) -> None:
    async with open_store(tmp_path):
        with pytest.raises(BlockingIOError):
            MessageStore(tmp_path, lambda: NOW)


@on_reactor
async def test_the_master_key_can_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    record = new_record()
    monkeypatch.setenv(MASTER_KEY_VARIABLE, one)
    async with open_store(tmp_path) as store:
        await store.add(record)
    monkeypatch.setenv(MASTER_KEY_VARIABLE, two)
    with pytest.raises(GatewayError):
        open_reader(tmp_path)
    monkeypatch.setenv(OLD_MASTER_KEYS_VARIABLE, one)
    async with open_store(tmp_path):
        pass
    monkeypatch.delenv(OLD_MASTER_KEYS_VARIABLE)
    assert open_reader(tmp_path).request(record.message.id) == record.request
    assert not (tmp_path / "master.key").exists()


@on_reactor
async def test_content_moved_to_another_row_does_not_open(tmp_path: Path) -> None:
    async with open_store(tmp_path) as store:
        mine, other = new_record(), new_record()
        await store.add(mine)
        await store.add(other)
        connection = store._write_connection
        connection.exec_driver_sql(
            "UPDATE content SET sealed = (SELECT sealed FROM content WHERE message_id = ? AND kind = 'body')"
            " WHERE message_id = ? AND kind = 'body'",
            (mine.message.id, other.message.id),
        )
        connection.commit()
        with pytest.raises(GatewayError):
            open_reader(tmp_path).content(other.message.id, "body")


def test_a_master_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text(base64.b64encode(bytes(32)).decode())
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(ValueError, match="0600"):
        MessageStore(tmp_path, lambda: NOW)


def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    migrated = open_engine(tmp_path / "migrated.sqlite")
    migrate(migrated)
    created = open_engine(tmp_path / "created.sqlite")
    metadata.create_all(created)

    def shape(engine: object) -> object:
        tables = inspect(engine)
        return {
            name: (
                [
                    (column["name"], str(column["type"]), column["nullable"])
                    for column in tables.get_columns(name)
                ],
                sorted((index["name"], tuple(index["column_names"])) for index in tables.get_indexes(name)),
                tables.get_pk_constraint(name)["constrained_columns"],
            )
            for name in metadata.tables
        }

    assert shape(migrated) == shape(created)
    with migrated.connect() as connection:
        assert (
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == SCHEMA_REVISION
        )


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    with open_engine(database_path(tmp_path)).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
