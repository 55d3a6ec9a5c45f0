"""Tickets that an address opens by mail are counted by the day"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mail_correspondent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opened", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("opened_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mail_correspondent", schema=None) as batch_op:
        batch_op.drop_column("opened_since")
        batch_op.drop_column("opened")
