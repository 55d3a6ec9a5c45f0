"""The engineers' desk, exports, and a trail of what staff did"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Beside the tables: the index of tickets' words, and a trail that nobody can change.
_ADD = "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.ticket_id, new.words);"
_TAKE = "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.ticket_id, old.words);"
STATEMENTS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE ticket_words_fts USING fts5(words, content='ticket_words', content_rowid='ticket_id', "
        "detail=none, columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_.'\")",
        f"CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket_words BEGIN {_ADD} END",
        f"CREATE TRIGGER ticket_words_gone AFTER DELETE ON ticket_words BEGIN {_TAKE} END",
        f"CREATE TRIGGER ticket_words_changed AFTER UPDATE ON ticket_words BEGIN {_TAKE} {_ADD} END",
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are final'); END",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are final'); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_ticket_words_fts ON ticket_words "
        "USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (fastupdate = off)",
        "CREATE OR REPLACE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit entries are final'; END $$",
        "CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()",
    ),
}
UNDONE = {
    "sqlite": (
        *(f"DROP TRIGGER ticket_words_{name}" for name in ("added", "gone", "changed")),
        "DROP TABLE ticket_words_fts",
    ),
    "postgresql": (
        "DROP TRIGGER audit_entry_is_final ON audit_entry",
        "DROP FUNCTION audit_entry_is_final()",
    ),
}
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=150), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_act", ["act", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_object", ["object_kind", "object_id", "id"], unique=False)
        batch_op.create_index("ix_audit_entry_staff", ["staff_id", "id"], unique=False)

    op.create_table(
        "saved_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("conversation", sa.Boolean(), nullable=False),
        sa.Column("working_time", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("saved_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_export_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_export_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "name", name="uq_saved_filter_name"),
    )
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_filter_shared"), ["shared"], unique=False)

    op.create_table(
        "saved_export_recipient",
        sa.Column("saved_export_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["saved_export_id"], ["saved_export.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("saved_export_id", "staff_id"),
    )
    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("saved_id", sa.Integer(), nullable=True),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("conversation", sa.Boolean(), nullable=False),
        sa.Column("working_time", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(["saved_id"], ["saved_export.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_file_id"), ["file_id"], unique=False)
        batch_op.create_index("ix_export_owner", ["owner_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_export_saved_id"), ["saved_id"], unique=False)
        batch_op.create_index("ix_export_state", ["state", "beat_at"], unique=False)

    op.create_table(
        "held_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("take", sa.Boolean(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_id", "ticket_id", name="uq_held_act_owner"),
    )
    with op.batch_alter_table("held_act", schema=None) as batch_op:
        batch_op.create_index("ix_held_act_due", ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_act_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "reply_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("seen_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=300), server_default="", nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_id", "ticket_id", name="uq_reply_draft_owner"),
    )
    with op.batch_alter_table("reply_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_draft_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "ticket_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["ticket.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "other_id", name="uq_ticket_link_pair"),
    )
    with op.batch_alter_table("ticket_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_link_other_id"), ["other_id"], unique=False)

    op.create_table(
        "ticket_tag",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("ticket_id", "name"),
    )
    with op.batch_alter_table("ticket_tag", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_tag_name", ["name", "ticket_id"], unique=False)

    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index("ix_customer_name", ["name", "id"], unique=False)

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrets", sa.String(length=100), server_default="", nullable=False))

    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secret", sa.String(length=100), server_default="", nullable=False))

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_order", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_minutes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("first_response_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resolution_minutes", sa.Integer(), nullable=True))
    _reckon_the_order_of_tickets()
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.alter_column("last_message_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("due_order", existing_type=sa.DateTime(timezone=True), nullable=False)
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_assignee_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_queue"))
        batch_op.create_index("ix_ticket_queue", ["priority", "due_order", "created_at", "id"], unique=False)
        batch_op.create_index("ix_ticket_assignee", ["assignee_id", "id"], unique=False)
        batch_op.create_index(
            "ix_ticket_closed",
            ["closed_at", "created_at", "close_reason", "level_id", "resolution_minutes"],
            unique=False,
        )
        batch_op.create_index("ix_ticket_due", ["due_order", "id"], unique=False)
        batch_op.create_index(
            "ix_ticket_figures",
            [
                "created_at",
                "level_id",
                "first_response_minutes",
                "certificate_id",
                "assignee_id",
                "product_id",
                "customer_id",
            ],
            unique=False,
        )
        batch_op.create_index("ix_ticket_last_message", ["last_message_at", "id"], unique=False)
        batch_op.create_index("ix_ticket_product", ["product_id", "id"], unique=False)
        batch_op.create_index(
            "ix_ticket_queue_of",
            ["assignee_id", "priority", "due_order", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("status != 'closed'"),
            postgresql_where=sa.text("status != 'closed'"),
        )
        batch_op.create_index(
            "ix_ticket_queue_open",
            ["priority", "due_order", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("status != 'closed'"),
            postgresql_where=sa.text("status != 'closed'"),
        )
        batch_op.create_index("ix_ticket_status", ["status", "last_message_at", "id"], unique=False)
        batch_op.create_index("ix_ticket_subject", ["subject", "id"], unique=False)

    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.create_index("ix_timeline_entry_kind", ["kind", "at", "ticket_id"], unique=False)

    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in UNDONE[op.get_bind().dialect.name]:
        op.execute(statement)

    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_timeline_entry_kind")

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_subject")
        batch_op.drop_index("ix_ticket_status")
        batch_op.drop_index(
            "ix_ticket_queue_open",
            sqlite_where=sa.text("status != 'closed'"),
            postgresql_where=sa.text("status != 'closed'"),
        )
        batch_op.drop_index(
            "ix_ticket_queue_of",
            sqlite_where=sa.text("status != 'closed'"),
            postgresql_where=sa.text("status != 'closed'"),
        )
        batch_op.drop_index("ix_ticket_product")
        batch_op.drop_index("ix_ticket_last_message")
        batch_op.drop_index("ix_ticket_figures")
        batch_op.drop_index("ix_ticket_due")
        batch_op.drop_index("ix_ticket_closed")
        batch_op.drop_index("ix_ticket_assignee")
        batch_op.drop_index("ix_ticket_queue")
        batch_op.create_index(
            batch_op.f("ix_ticket_queue"), ["status", "priority", "target_at", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ticket_assignee_id"), ["assignee_id"], unique=False)
        batch_op.drop_column("resolution_minutes")
        batch_op.drop_column("first_response_minutes")
        batch_op.drop_column("paused_minutes")
        batch_op.drop_column("due_order")
        batch_op.drop_column("last_message_at")

    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_column("secret")

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("secrets")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_name")

    op.drop_table("ticket_words")
    with op.batch_alter_table("ticket_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_tag_name")

    op.drop_table("ticket_tag")
    with op.batch_alter_table("ticket_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_link_other_id"))

    op.drop_table("ticket_link")
    with op.batch_alter_table("reply_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reply_draft_ticket_id"))

    op.drop_table("reply_draft")
    with op.batch_alter_table("held_act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_act_ticket_id"))
        batch_op.drop_index("ix_held_act_due")

    op.drop_table("held_act")
    with op.batch_alter_table("export", schema=None) as batch_op:
        batch_op.drop_index("ix_export_state")
        batch_op.drop_index(batch_op.f("ix_export_saved_id"))
        batch_op.drop_index("ix_export_owner")
        batch_op.drop_index(batch_op.f("ix_export_file_id"))

    op.drop_table("export")
    op.drop_table("saved_export_recipient")
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_filter_shared"))

    op.drop_table("saved_filter")
    with op.batch_alter_table("saved_export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_export_owner_id"))
        batch_op.drop_index(batch_op.f("ix_saved_export_next_at"))

    op.drop_table("saved_export")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_staff")
        batch_op.drop_index("ix_audit_entry_object")
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))
        batch_op.drop_index("ix_audit_entry_act")

    op.drop_table("audit_entry")


def _reckon_the_order_of_tickets() -> None:
    """A ticket without a target stands last; its last message is the last that the customer can see."""
    naive = op.get_bind().dialect.name == "sqlite"
    end = END_OF_TIME.strftime("%Y-%m-%d %H:%M:%S.%f") if naive else END_OF_TIME
    op.execute(sa.text("UPDATE ticket SET due_order = coalesce(target_at, :end)").bindparams(end=end))
    last = "SELECT max(created_at) FROM message WHERE message.ticket_id = ticket.id AND message.kind != 'note'"
    op.execute(f"UPDATE ticket SET last_message_at = coalesce(({last}), created_at)")
