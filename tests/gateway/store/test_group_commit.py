"""Group commit: who waits for the disk, and what one bad item costs the others."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.store.group_commit import GroupCommit
from tests.on_reactor import on_reactor


class Disk:
    """A transaction whose commits take a while; it notes on which thread each step ran."""

    def __init__(self, commit_s: float) -> None:
        self._commit_s = commit_s
        self.is_held = False
        self.steps: list[tuple[str, bool]] = []
        """(step, whether on the loop's thread)"""

    def would_wait(self) -> bool:
        return self.is_held

    def begin(self) -> None:
        self._note("begin")

    def commit(self) -> None:
        time.sleep(self._commit_s)
        self._note("commit")

    def rollback(self) -> None:
        self._note("rollback")

    def write(self, items: Sequence[int]) -> list[str]:
        self._note("write")
        if -1 in items:
            raise ValueError("cannot be written")
        return [f"written {item}" for item in items]

    def _note(self, step: str) -> None:
        self.steps.append((step, threading.current_thread() is threading.main_thread()))


def group_commit(disk: Disk, bytes_each: int = 100) -> GroupCommit[int, str]:
    return GroupCommit(disk, disk.write, lambda _: bytes_each)


@on_reactor
async def test_a_quick_disk_is_waited_for_in_line() -> None:
    disk = Disk(commit_s=0)
    commits = group_commit(disk)
    assert await asyncio.gather(commits.submit(1), commits.submit(2)) == ["written 1", "written 2"]
    assert disk.steps == [("begin", True), ("write", True), ("commit", True)]
    await commits.close()


@on_reactor
async def test_only_the_wait_for_a_slow_disk_is_left_to_a_thread() -> None:
    disk = Disk(commit_s=0.02)
    commits = group_commit(disk)
    await commits.submit(1)
    disk.steps.clear()
    assert await asyncio.gather(commits.submit(2), commits.submit(3)) == ["written 2", "written 3"]
    assert disk.steps == [("begin", True), ("write", True), ("commit", False)]
    await commits.close()


@on_reactor
async def test_megabytes_are_written_on_the_thread() -> None:
    disk = Disk(commit_s=0)
    commits = group_commit(disk, bytes_each=4_000_000)
    assert await commits.submit(1) == "written 1"
    assert disk.steps == [("begin", False), ("write", False), ("commit", False)]
    await commits.close()


@on_reactor
async def test_the_loop_never_waits_for_whoever_holds_the_log() -> None:
    disk = Disk(commit_s=0)
    disk.is_held = True
    commits = group_commit(disk)
    assert await commits.submit(1) == "written 1"
    assert disk.steps == [("begin", False), ("write", False), ("commit", False)]
    await commits.close()


@pytest.mark.parametrize("commit_s", [0, 0.02])
@on_reactor
async def test_one_bad_item_does_not_take_its_neighbours_along(commit_s: float) -> None:
    disk = Disk(commit_s)
    commits = group_commit(disk)
    await commits.submit(0)
    outcomes = await asyncio.gather(*(commits.submit(item) for item in (1, -1, 2)), return_exceptions=True)
    assert [str(each) for each in outcomes] == ["written 1", "cannot be written", "written 2"]
    assert await commits.submit(3) == "written 3"
    await commits.close()


@on_reactor
async def test_a_slow_commit_that_fails_fails_its_items_and_no_later_one() -> None:
    disk = Disk(commit_s=0.02)
    commits = group_commit(disk)
    await commits.submit(0)
    working = disk.commit

    def fail() -> None:
        raise OSError("no space left")

    disk.commit = fail  # type: ignore[method-assign]
    failed = await asyncio.gather(commits.submit(1), commits.submit(2), return_exceptions=True)
    kinds = [each.kind for each in failed if isinstance(each, GatewayError)]
    assert kinds == [ErrorKind.STORE_UNAVAILABLE] * 2
    disk.commit = working  # type: ignore[method-assign]
    assert await commits.submit(3) == "written 3"
    await commits.close()
