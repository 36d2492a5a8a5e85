"""Add a column with a rule, for which SQLite rebuilds the table."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    """Add the column."""
    with op.batch_alter_table("nodes", recreate="auto") as table:
        table.add_column(sa.Column("note", sa.Text, nullable=False, server_default=""))
        table.create_check_constraint("short", sa.text("length(note) < 100"))


def downgrade():
    """Drop it."""
    with op.batch_alter_table("nodes") as table:
        table.drop_constraint("short", type_="check")
        table.drop_column("note")
