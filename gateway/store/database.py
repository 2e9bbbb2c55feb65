"""The database itself: how SQLite is opened so that a commit is a promise, its schema, its checkpoints."""

import sqlite3
import threading
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from gateway.store.tables import metadata

log = structlog.get_logger("store")

SCHEMA_REVISION = "0005"
"""The newest file in `migrations/versions`; a test holds the two together."""


def database_path(data_dir: Path) -> Path:
    return data_dir / "gateway.sqlite"


def open_engine(path: Path, *, read_only: bool = False) -> Engine:
    """An engine whose every connection keeps what it commits, power loss included."""
    target = f"file:{path}?mode={'ro' if read_only else 'rwc'}&uri=true"
    engine = create_engine(
        f"sqlite:///{target}", poolclass=NullPool, connect_args={"check_same_thread": False, "timeout": 10}
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")  # ids are ours; the check would cost a look-up a row
        if read_only:
            return
        connection.execute("PRAGMA journal_mode=WAL")
        # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits on power loss
        # (sqlite.org/pragma.html#pragma_synchronous), and an ACK promises they stay.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")  # `Checkpointer` does it, off the commit path
        connection.execute("PRAGMA cache_size=-16000")

    return engine


class WriteTransaction:
    """Transactions of the connection that writes, told to SQLite directly.

    SQLAlchemy's own would cost forty microseconds a commit, a tenth of what the disk takes.
    """

    def __init__(self, connection: Connection, checkpointer: "Checkpointer") -> None:
        """`connection` was opened with `isolation_level="AUTOCOMMIT"`: SQLAlchemy begins nothing itself."""
        self._driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        self._checkpointer = checkpointer

    def would_wait(self) -> bool:
        return self._checkpointer.holds_writers

    def begin(self) -> None:
        self._driver.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._driver.execute("COMMIT")

    def rollback(self) -> None:
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")


def prepare_schema(engine: Engine) -> None:
    """Create the tables of an empty database, or bring an older one up to date."""
    with engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(
                text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": SCHEMA_REVISION}
            )
            return
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current != SCHEMA_REVISION:
        migrate(engine)


def migrate(engine: Engine) -> None:
    """Run the migrations that this database has not seen."""
    from alembic import command  # a quarter of a second to import, wanted once a release
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
    log.info("store_migrated", revision=SCHEMA_REVISION)


_MOST_HELD_S = 0.25
"""That writers wait for a log to begin again."""


class Checkpointer:
    """Moves committed pages from the log into the database on a thread of its own.

    SQLite's automatic checkpoint runs inside the commit that trips it: p99 6 ms against 1.1 ms.
    """

    def __init__(self, path: Path, *, every_s: float = 0.2, restart_from_pages: int = 8192) -> None:
        """A log of `restart_from_pages` (of 4 KB) is written again from its beginning."""
        self._path = path
        self._every_s = every_s
        self._restart_from_pages = restart_from_pages
        self._restart_at_pages = restart_from_pages
        self.holds_writers = False
        """While the log is begun again: milliseconds on a quick disk."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, timeout=_MOST_HELD_S, isolation_level=None)
        seen = 0
        while not self._stop.wait(self._every_s):
            try:
                written = connection.execute("PRAGMA data_version").fetchone()[0]
                if written != seen:
                    self._checkpoint(connection)
                    seen = written
            except sqlite3.Error as error:
                log.warning("checkpoint_failed", error=type(error).__name__)
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        connection.close()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        _, pages_in_log, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if pages_in_log >= self._restart_at_pages:
            # A reader that stays in the log keeps it from beginning again; writers wait for that but rarely.
            failed = self._restart(connection)
            self._restart_at_pages = 2 * pages_in_log if failed else self._restart_from_pages

    def _restart(self, connection: sqlite3.Connection) -> bool:
        """Whether it failed. Writers wait for what little the checkpoint before has left, once in a while: a
        log that grows without end costs each commit a second write, of the file's new size (3.7 ms against
        1.9 ms on a throttled disk)."""
        self.holds_writers = True
        try:
            failed, _, _ = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        finally:
            self.holds_writers = False
        return bool(failed)
