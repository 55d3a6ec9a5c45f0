"""Filters of the ticket list by status, by engineer and product, and by a part of what a customer is called"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

customer = sa.table("customer", *(sa.column(name, sa.Text) for name in ("name", "email", "organisation", "found_by")))
OPEN = sa.text("status != 'closed'")
QUEUE = ["priority", "due_order", "created_at", "id"]
OF_AN_ENGINEER = ["assignee_id", "last_message_at", "id"]


def upgrade() -> None:
    op.create_index("ix_ticket_queue_status", "ticket", ["status", *QUEUE], sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("ix_ticket_assignee", table_name="ticket")
    op.create_index("ix_ticket_assignee", "ticket", [*OF_AN_ENGINEER, "product_id"])
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("found_by", sa.Text(), server_default="", nullable=False))
    words = customer.c.name + "\n" + customer.c.email + "\n" + customer.c.organisation
    op.execute(customer.update().values(found_by=sa.func.lower(words)))
    op.create_index("ix_customer_found_by", "customer", ["found_by"])


def downgrade() -> None:
    op.drop_index("ix_customer_found_by", table_name="customer")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("found_by")
    op.drop_index("ix_ticket_assignee", table_name="ticket")
    op.create_index("ix_ticket_assignee", "ticket", OF_AN_ENGINEER)
    op.drop_index("ix_ticket_queue_status", table_name="ticket")
