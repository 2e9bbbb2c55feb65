"""How a message's sender proved who it is: a query has no request in which it would stand."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("message", sa.Column("authentication", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("message", "authentication")
