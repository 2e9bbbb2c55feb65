"""The chain finds whatever was done to it, and says where."""

from collections.abc import Iterable
from dataclasses import asdict, replace

import orjson
import pytest

from gateway.audit.chain import Checkpoint, Head, Sealed, Signer, is_genuine, sealed
from gateway.audit.entries import of_deletion
from gateway.audit.verification import Finding, Verification

KEY = b"k" * 32


def rows(count: int = 6) -> list[Sealed]:
    head, made = Head(), []
    for number in range(1, count + 1):
        row = sealed(KEY, head, 1000.0 + number, {"event": "decision", "message": f"m{number}"})
        head = Head(row.number, row.mac)
        made.append(row)
    return made


def found(
    changed: Iterable[Sealed], checkpoints: tuple[Checkpoint, ...] = (), key: bytes = KEY
) -> list[tuple[int, str]]:
    verification = Verification(key, Signer(KEY).public_key)
    seals, told = {}, list[Finding]()
    for row in changed:
        seals[row.number] = row.mac
        told += verification.entry(row, orjson.loads(row.entry))
    told += verification.ended()
    for line, each in enumerate(checkpoints, 1):
        told += verification.checkpoint(line, orjson.dumps(asdict(each)), seals.get)
    return [(each.number, each.what) for each in told]


def deletion_after(row: Sealed, through: Sealed) -> Sealed:
    entry = of_deletion("privacy", through.number, through.mac, through.number)
    return sealed(KEY, Head(row.number, row.mac), 2000.0, entry)


def test_what_nobody_touched_is_whole() -> None:
    assert found(rows()) == []
    assert found([]) == []


@pytest.mark.parametrize("field", ["entry", "at", "mac"])
def test_a_change_is_found_where_it_was_made(field: str) -> None:
    whole = rows()
    other = {"entry": b'{"event":"decision","message":"forged"}', "at": 5.0, "mac": bytes(32)}[field]
    whole[2] = replace(whole[2], **{field: other})
    numbers = [number for number, _ in found(whole)]
    # A changed seal is missed by the entry after it as well.
    assert numbers == ([3, 4] if field == "mac" else [3])


def test_a_removed_entry_leaves_a_gap() -> None:
    whole = rows()
    assert found(whole[:2] + whole[3:]) == [(4, "entries 3 to 3 are missing")]


def test_a_removed_entry_is_found_though_the_others_were_numbered_anew() -> None:
    whole = rows()
    renumbered = [*whole[:2], *(replace(row, number=row.number - 1) for row in whole[3:])]
    assert found(renumbered)[0][0] == 3


def test_entries_that_changed_places_are_found() -> None:
    whole = rows()
    first, second = whole[2], whole[3]
    whole[2], whole[3] = replace(second, number=3), replace(first, number=4)
    assert {number for number, _ in found(whole)} >= {3, 4}


def test_a_beginning_that_is_gone_is_found_unless_a_deletion_says_so() -> None:
    whole = rows()
    assert found(whole[3:]) == [(4, "entries 1 to 3 are missing")]
    assert found([*whole[3:], deletion_after(whole[5], whole[2])]) == []
    of_another_seal = replace(whole[2], mac=whole[1].mac)
    assert found([*whole[3:], deletion_after(whole[5], of_another_seal)])[0][0] == 4
    assert found([*whole[4:], deletion_after(whole[5], whole[2])]) == [(5, "entries 1 to 4 are missing")]


def test_an_end_that_is_gone_is_found_by_a_checkpoint() -> None:
    whole = rows()
    last = Signer(KEY).checkpoint(Head(6, whole[5].mac), "2026-11-26T10:00:00+00:00")
    assert found(whole, (last,)) == []
    [(number, what)] = found(whole[:4], (last,))
    assert (number, "is missing" in what) == (6, True)


def test_a_chain_sealed_again_with_another_key_fits_no_checkpoint_and_not_our_key() -> None:
    forged = [replace(row) for row in rows()]
    assert found(forged, key=b"x" * 32)[0][0] == 1
    of_ours = Signer(KEY).checkpoint(Head(6, bytes(32)), "2026-11-26T10:00:00+00:00")
    assert (6, "is not what the checkpoint of 2026-11-26T10:00:00+00:00 signed") in found(rows(), (of_ours,))


def test_only_the_signer_makes_a_checkpoint() -> None:
    ours = Signer(KEY).checkpoint(Head(6, bytes(32)), "2026-11-26T10:00:00+00:00")
    public = Signer(KEY).public_key
    assert is_genuine(ours, public)
    assert not is_genuine(replace(ours, number=5), public)
    assert not is_genuine(Signer(b"x" * 32).checkpoint(Head(6, bytes(32)), ours.at), public)
    assert not is_genuine(replace(ours, signature="no hex"), public)
