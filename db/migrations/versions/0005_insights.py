"""insights"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# what the roll-ups look the raw rows up by: the day they belong to, the moment they last changed
_INDEXES = {
    "ix_users_created_at": ("users", "created_at"),
    "ix_jobs_created_at": ("jobs", "created_at"),
    "ix_jobs_queued_at": ("jobs", "queued_at"),
    "ix_ledger_transactions_created_at": ("ledger_transactions", "created_at"),
    "ix_credit_lots_created_at": ("credit_lots", "created_at"),
    "ix_provider_calls_finished": ("provider_calls", "finished_at"),
}


def upgrade() -> None:
    op.create_table(
        "daily_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "metric", "dimension", name=op.f("pk_daily_figures")),
    )
    op.create_index("ix_daily_figures_metric", "daily_figures", ["metric", "day"], unique=False)
    op.create_table(
        "roll_ups",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roll_ups")),
    )
    for name, (table, column) in _INDEXES.items():
        op.create_index(name, table, [column], unique=False)


def downgrade() -> None:
    for name, (table, _) in reversed(_INDEXES.items()):
        op.drop_index(name, table_name=table)
    op.drop_table("roll_ups")
    op.drop_index("ix_daily_figures_metric", table_name="daily_figures")
    op.drop_table("daily_figures")
