"""The database file: its log does not grow without end."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection

from gateway.store.database import Checkpointer, database_path, open_engine


def opened(path: Path) -> tuple[Connection, sqlite3.Connection]:
    """A connection that writes, with a table of pages; the second is its driver's, kept by the first."""
    connection = open_engine(path).connect()
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    driver.execute("CREATE TABLE IF NOT EXISTS page (content BLOB)")
    driver.commit()
    return connection, driver


def write_pages(driver: sqlite3.Connection, commits: int) -> None:
    for _ in range(commits):
        driver.execute("INSERT INTO page VALUES (zeroblob(40000))")
        driver.commit()
        time.sleep(0.001)


def log_bytes(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


def written_until_the_log_is_short(path: Path, driver: sqlite3.Connection, already: int = 0) -> int:
    """Commits until the log is less than half of all that was written, which it never is while it grows."""
    for commits in range(already + 50, 2000, 50):
        write_pages(driver, 50)
        if log_bytes(path) < commits * 40_000 / 2:
            return commits
    raise AssertionError("the log grows with all that is written")


def test_the_log_is_written_again_from_its_beginning_under_a_load_that_never_pauses(tmp_path: Path) -> None:
    path = database_path(tmp_path)
    connection, driver = opened(path)
    checkpointer = Checkpointer(path, every_s=0.005, restart_from_pages=20)
    checkpointer.start()
    commits = written_until_the_log_is_short(path, driver)
    checkpointer.stop()
    assert driver.execute("SELECT sum(length(content)) FROM page").fetchone() == (commits * 40_000,)
    connection.close()


def test_a_reader_that_stays_in_the_log_does_not_hold_up_writers(tmp_path: Path) -> None:
    path = database_path(tmp_path)
    connection, driver = opened(path)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM page").fetchall()
    checkpointer = Checkpointer(path, every_s=0.005, restart_from_pages=20)
    checkpointer.start()
    started = time.monotonic()
    write_pages(driver, 60)
    assert time.monotonic() - started < 4
    reader.execute("COMMIT")
    written_until_the_log_is_short(path, driver, already=60)
    checkpointer.stop()
    reader.close()
    connection.close()
