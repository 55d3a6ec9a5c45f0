"""Lists of a product's or an engineer's tickets begin with the last message at the cost of one page"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = {"ix_ticket_product": "product_id", "ix_ticket_assignee": "assignee_id"}


def upgrade() -> None:
    for name, column in INDEXES.items():
        op.drop_index(name, table_name="ticket")
        op.create_index(name, "ticket", [column, "last_message_at", "id"])


def downgrade() -> None:
    for name, column in INDEXES.items():
        op.drop_index(name, table_name="ticket")
        op.create_index(name, "ticket", [column, "id"])
