"""What is held and spent of quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "quota_hold",
        sa.Column("message_id", sa.String(18), primary_key=True),
        sa.Column("quota", sa.String, primary_key=True),
        sa.Column("measure", sa.String(8), primary_key=True),
        sa.Column("unit", sa.String(6), primary_key=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("began_at", sa.Float, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quota_spent",
        sa.Column("quota", sa.String, primary_key=True),
        sa.Column("measure", sa.String(8), primary_key=True),
        sa.Column("unit", sa.String(6), primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("began_at", sa.Float, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("quota_spent")
    op.drop_table("quota_hold")
