"""A closing and a merging wait for a moment like a message; what one that came back said is kept"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

held_act = sa.table("held_act", sa.column("kind", sa.String))


def upgrade() -> None:
    with op.batch_alter_table("held_act", schema=None) as batch_op:
        batch_op.add_column(sa.Column("target_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_held_act_target_id", "ticket", ["target_id"], ["id"])
    with op.batch_alter_table("reply_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("target", sa.String(length=24), server_default="", nullable=False))


def downgrade() -> None:
    op.execute(held_act.delete().where(held_act.c.kind.in_(["closing", "merging"])))  # nobody there could perform them
    with op.batch_alter_table("reply_draft", schema=None) as batch_op:
        batch_op.drop_column("target")
        batch_op.drop_column("note")
    with op.batch_alter_table("held_act", schema=None) as batch_op:
        batch_op.drop_constraint("fk_held_act_target_id", type_="foreignkey")
        batch_op.drop_column("target_id")
