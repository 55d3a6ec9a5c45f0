"""Reminders for customers who want them: nobody is reminded until he has asked for it"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

customer = sa.table("customer", sa.column("muted_mails", sa.String))
MUTED = customer.c.muted_mails


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminder_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_ticket_reminder_id", "notification", ["reminder_id"], ["id"])
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.alter_column("muted_mails", server_default="reminders")
    op.execute(customer.update().where(MUTED == "").values(muted_mails="reminders"))
    op.execute(customer.update().where(~MUTED.contains("reminders")).values(muted_mails=MUTED + ",reminders"))


def downgrade() -> None:
    for muted in (",reminders", "reminders,", "reminders"):
        op.execute(customer.update().values(muted_mails=sa.func.replace(MUTED, muted, "")))
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.alter_column("muted_mails", server_default="")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_constraint("fk_ticket_reminder_id", type_="foreignkey")
        batch_op.drop_column("reminder_id")
