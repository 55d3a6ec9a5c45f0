"""Mail comes in, is threaded, and staff change its words"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_correspondent",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("counted_since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "mail_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("problem", sa.String(length=300), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=150), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "language", name="uq_mail_template"),
    )
    op.create_table(
        "received_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("door", sa.String(length=32), nullable=False),
        sa.Column("envelope_sender", sa.String(length=254), nullable=True),
        sa.Column("envelope_recipients", sa.JSON(), nullable=False),
        sa.Column("storage_key", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["message.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    with op.batch_alter_table("received_mail", schema=None) as batch_op:
        batch_op.create_index("ix_received_mail_due", ["state", "next_attempt_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_received_mail_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_received_mail_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_received_mail_received_at"), ["received_at"], unique=False)
        batch_op.create_index("ix_received_mail_sender", ["sender", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_received_mail_ticket_id"), ["ticket_id"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("muted_mails", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("mail_bounced_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("mail_bounce", sa.String(length=300), server_default="", nullable=False))

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mail_id", sa.String(length=300), nullable=True))

    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.add_column(sa.Column("in_reply_to", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("mail_references", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("reply_to", sa.String(length=254), server_default="", nullable=False))
        batch_op.add_column(sa.Column("optional", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("joined_to_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("gathers", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("tried_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failure", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_notification_joined_to_id"), ["joined_to_id"], unique=False)
        batch_op.create_index("ix_notification_sent_at", ["sent_at"], unique=False)
        batch_op.drop_index("ix_notification_recipient")
        batch_op.create_index("ix_notification_recipient", ["recipient", "sent_at"], unique=False)
        batch_op.create_foreign_key("fk_notification_joined_to_id", "notification", ["joined_to_id"], ["id"])

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("continues_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_ticket_continues_id", "ticket", ["continues_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_constraint("fk_ticket_continues_id", type_="foreignkey")
        batch_op.drop_column("continues_id")

    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_constraint("fk_notification_joined_to_id", type_="foreignkey")
        batch_op.drop_index("ix_notification_recipient")
        batch_op.create_index("ix_notification_recipient", ["recipient"], unique=False)
        batch_op.drop_index("ix_notification_sent_at")
        batch_op.drop_index(batch_op.f("ix_notification_joined_to_id"))
        batch_op.drop_column("bounced_at")
        batch_op.drop_column("failure")
        batch_op.drop_column("tried_since")
        batch_op.drop_column("gathers")
        batch_op.drop_column("joined_to_id")
        batch_op.drop_column("optional")
        batch_op.drop_column("reply_to")
        batch_op.drop_column("mail_references")
        batch_op.drop_column("in_reply_to")

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("mail_id")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("mail_bounce")
        batch_op.drop_column("mail_bounced_at")
        batch_op.drop_column("muted_mails")

    with op.batch_alter_table("received_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_received_mail_ticket_id"))
        batch_op.drop_index("ix_received_mail_sender")
        batch_op.drop_index(batch_op.f("ix_received_mail_received_at"))
        batch_op.drop_index(batch_op.f("ix_received_mail_message_id"))
        batch_op.drop_index(batch_op.f("ix_received_mail_entry_id"))
        batch_op.drop_index("ix_received_mail_due")

    op.drop_table("received_mail")
    op.drop_table("mail_template")
    op.drop_table("mail_correspondent")
