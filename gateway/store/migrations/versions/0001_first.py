"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_UNFINISHED = sa.text("work IN ('accepted', 'working') OR answer IN ('owed', 'sent')")


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.String(18), primary_key=True),
        sa.Column("protocol", sa.String(8), nullable=False),
        sa.Column("listener", sa.String, nullable=False),
        sa.Column("peer", sa.String, nullable=False),
        sa.Column("partner", sa.String, nullable=False),
        sa.Column("message_type", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("control_id", sa.String, nullable=False),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("duplicate_key", sa.LargeBinary(32)),
        sa.Column("control_id_reused", sa.Integer, nullable=False),
        sa.Column("work", sa.String(12), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("reply_code", sa.String, nullable=False),
        sa.Column("error_kind", sa.String, nullable=False),
        sa.Column("error_location", sa.String, nullable=False),
        sa.Column("rules", sa.String, nullable=False),
        sa.Column("policy_revision", sa.String, nullable=False),
        sa.Column("backend", sa.String, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_index("message_received_at", "message", ["received_at"])
    op.create_index("message_control_id", "message", ["control_id"])
    op.create_index(
        "message_unfinished",
        "message",
        ["work", "answer"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_table(
        "identifier",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("message_id", sa.String(18), sa.ForeignKey("message.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "content",
        sa.Column("message_id", sa.String(18), sa.ForeignKey("message.id"), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("key_id", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("master_key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in ("data_key", "content", "identifier", "message"):
        op.drop_table(table)
