"""Deadlines know their calendar, timelines are final, and customers say whether they are satisfied"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What happened on a ticket cannot be changed, as the audit trail cannot since 0003.
STATEMENTS = {
    "sqlite": tuple(
        f"CREATE TRIGGER timeline_entry_no_{verb.lower()} BEFORE {verb} ON timeline_entry "
        "BEGIN SELECT RAISE(ABORT, 'timeline entries are final'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION timeline_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'timeline entries are final'; END $$",
        "CREATE TRIGGER timeline_entry_is_final BEFORE UPDATE OR DELETE ON timeline_entry "
        "FOR EACH ROW EXECUTE FUNCTION timeline_entry_is_final()",
    ),
}
UNDONE = {
    "sqlite": tuple(f"DROP TRIGGER timeline_entry_no_{verb}" for verb in ("update", "delete")),
    "postgresql": ("DROP TRIGGER timeline_entry_is_final ON timeline_entry", "DROP FUNCTION timeline_entry_is_final()"),
}


def upgrade() -> None:
    op.create_table(
        "counted_calendar",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("exceptions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("saved_export", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "closed_at", name="uq_opinion_closing"),
    )
    op.create_index("ix_opinion_given", "opinion", ["given_at", "answer", "ticket_id"], unique=False)
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.create_index("ix_timeline_entry_staff", ["staff_id", "id"], unique=False)
    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in UNDONE[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_timeline_entry_staff")
    op.drop_table("opinion")
    with op.batch_alter_table("saved_export", schema=None) as batch_op:
        batch_op.drop_column("stopped_at")
    op.drop_table("counted_calendar")
