"""Tickets that an address opens by mail are counted by the day, and a box remembers how far it was read"""

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
    op.create_table(
        "mail_box",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("unfetched", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("mail_box")
    with op.batch_alter_table("mail_correspondent", schema=None) as batch_op:
        batch_op.drop_column("opened_since")
        batch_op.drop_column("opened")
