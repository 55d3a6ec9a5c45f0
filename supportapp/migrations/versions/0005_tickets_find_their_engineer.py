"""Tickets find their engineer: rules of assignment, absences with a deputy"""

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


def downgrade() -> None:
    op.drop_table("staff_absence")
    op.drop_table("assignment_rule_engineer")
    op.drop_table("assignment_rule")
