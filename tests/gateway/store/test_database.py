"""The database file: its log does not grow without end."""

import sqlite3
import time
from pathlib import Path

from gateway.store.database import Checkpointer, database_path, open_engine


def test_the_log_is_written_again_from_its_beginning_under_a_load_that_never_pauses(tmp_path: Path) -> None:
    path = database_path(tmp_path)
    connection = open_engine(path).connect()
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    driver.execute("CREATE TABLE page (content BLOB)")
    driver.commit()
    checkpointer = Checkpointer(path, every_s=0.005, restart_from_pages=20)
    checkpointer.start()
    written_bytes = 0
    ends_at = time.monotonic() + 10
    while written_bytes < 4_000_000 and time.monotonic() < ends_at:
        driver.execute("INSERT INTO page VALUES (zeroblob(40000))")
        driver.commit()
        written_bytes += 40_000
        time.sleep(0.001)
    log_bytes = path.with_name(path.name + "-wal").stat().st_size
    checkpointer.stop()
    assert log_bytes < written_bytes / 2
    assert driver.execute("SELECT sum(length(content)) FROM page").fetchone() == (written_bytes,)
    connection.close()
