"""The tables, as SQLAlchemy Core sees them. Changes go through a migration (`migrations/`).

Content stands apart from the message's row, so that a change of state does not write a body again and
pruning content leaves the trail.
"""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData()

message = Table(
    "message",
    metadata,
    Column("id", String(18), primary_key=True),
    Column("protocol", String(8), nullable=False),
    Column("listener", String, nullable=False),
    Column("peer", String, nullable=False),
    Column("partner", String, nullable=False),
    Column("message_type", String, nullable=False),
    Column("version", String, nullable=False),
    Column("control_id", String, nullable=False),
    Column("received_at", Float, nullable=False),  # seconds since 1970, UTC
    Column("size", Integer, nullable=False),
    Column("body_sha256", LargeBinary(32), nullable=False),
    Column("duplicate_key", LargeBinary(32)),
    Column("control_id_reused", Integer, nullable=False),
    Column("work", String(12), nullable=False),
    Column("answer", String(16), nullable=False),
    Column("reply_code", String, nullable=False),
    Column("error_kind", String, nullable=False),
    Column("error_location", String, nullable=False),
    Column("rules", String, nullable=False),  # ids, separated by spaces
    Column("policy_revision", String, nullable=False),
    Column("backend", String, nullable=False),
    Column("changed_at", Float, nullable=False),
    # `gateway.identity.methods`; empty: nothing was proven, or the message is older than this column.
    Column("authentication", String, nullable=False, server_default=""),
)
Index("message_received_at", message.c.received_at)
# Resends are found by it too. An index on the duplicate key itself would cost a sixth of the intake, its
# keys being random; there is one writer (`message_store`), so none is needed to keep them unique.
Index("message_control_id", message.c.control_id)
# Partial: all but a handful of messages are finished, and the index holds the handful.
_UNFINISHED = text("work IN ('accepted', 'working') OR answer IN ('owed', 'sent')")
Index(
    "message_unfinished",
    message.c.work,
    message.c.answer,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)

identifier = Table(
    "identifier",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),  # keyed hash of an MRN or visit number
    Column("message_id", String(18), ForeignKey("message.id"), primary_key=True),
    sqlite_with_rowid=False,
)

content = Table(
    "content",
    metadata,
    Column("message_id", String(18), ForeignKey("message.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),  # body, request, result, reply, error, usage
    Column("key_id", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # nonce, ciphertext, tag: `keys.KeyRing.seal`
)

data_key = Table(
    "data_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(8), nullable=False),  # content, lookup, audit
    Column("master_key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Float, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),  # seconds since 1970, UTC
    Column("entry", String, nullable=False),  # JSON, no content: `gateway.audit.entries`
    Column("mac", LargeBinary(32), nullable=False),  # over the seal before it too: `gateway.audit.chain`
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("sha256", String(64), nullable=False),  # why no slow hash: `gateway.identity.issued_keys`
    Column("partner", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    Column("used_at", Float),  # within a minute
)

quota_hold = Table(
    "quota_hold",
    metadata,
    Column("message_id", String(18), primary_key=True),
    Column("quota", String, primary_key=True),
    Column("measure", String(8), primary_key=True),
    Column("unit", String(6), primary_key=True),
    Column("subject", String, nullable=False),
    Column("began_at", Float, nullable=False),  # of the window, seconds since 1970, UTC
    Column("amount", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
    sqlite_with_rowid=False,
)

# One row for the window that is open; what was spent in earlier ones is in the audit.
quota_spent = Table(
    "quota_spent",
    metadata,
    Column("quota", String, primary_key=True),
    Column("measure", String(8), primary_key=True),
    Column("unit", String(6), primary_key=True),
    Column("subject", String, primary_key=True),
    Column("began_at", Float, nullable=False),
    Column("amount", Integer, nullable=False),
    sqlite_with_rowid=False,
)
