"""Tickets find their engineer: rules of assignment, absences with a deputy, notices of targets"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignment_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("level_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["level_id"], ["support_level.id"]),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("assignment_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_rule_level_id"), ["level_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_rule_product_id"), ["product_id"], unique=False)

    op.create_table(
        "assignment_rule_engineer",
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["assignment_rule.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("rule_id", "staff_id"),
    )
    with op.batch_alter_table("assignment_rule_engineer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_rule_engineer_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["deputy_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("staff_absence", schema=None) as batch_op:
        batch_op.create_index("ix_staff_absence_deputy", ["deputy_id", "last_day"], unique=False)
        batch_op.create_index("ix_staff_absence_staff", ["staff_id", "last_day"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("promise", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "promise", "stage", name="uq_escalation_notice"),
    )
    _count_the_past_as_told()


def _count_the_past_as_told() -> None:
    """What was missed before there were notices is no news: nobody gets thousands of mails after an upgrade."""
    moments = {
        name: sa.Column(name, sa.DateTime(timezone=True))
        for name in ("first_response_due", "first_responded_at", "resolution_due", "paused_at")
    }
    ticket = sa.table("ticket", sa.Column("id", sa.Integer()), sa.Column("status", sa.String()), *moments.values())
    kept = ("ticket_id", "promise", "stage", "due_at", "noted_at")
    types = (sa.Integer(), sa.String(), sa.String(), sa.DateTime(timezone=True), sa.DateTime(timezone=True))
    escalation = sa.table("escalation", *(sa.Column(*pair) for pair in zip(kept, types, strict=True)))
    now = sa.literal(datetime.now(UTC), sa.DateTime(timezone=True))
    for promise, due, open_promise in (
        ("first", ticket.c.first_response_due, ticket.c.first_responded_at.is_(None)),
        ("resolution", ticket.c.resolution_due, sa.true()),
    ):
        past = sa.select(ticket.c.id, sa.literal(promise), sa.literal("missed"), due, now).where(
            ticket.c.status != "closed", due <= sa.func.coalesce(ticket.c.paused_at, now), open_promise
        )
        op.execute(escalation.insert().from_select(kept, past))


def downgrade() -> None:
    op.drop_table("escalation")
    op.drop_table("staff_absence")
    op.drop_table("assignment_rule_engineer")
    op.drop_table("assignment_rule")
