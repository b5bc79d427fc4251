"""Tables for answers and for what listeners did with them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply this version."""
    op.create_table(
        "recommendations",
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("seed_track_ids", sa.JSON, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("track_id", sa.Text, nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("rank", sa.Integer),
    )
    op.create_index("ix_events_request_id", "events", ["request_id"])
    op.create_index("ix_events_event", "events", ["event"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("events")
    op.drop_table("recommendations")
