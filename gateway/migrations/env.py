"""Where Alembic finds the schema and the database: on the gateway's connection, else at FEEDBACK_DATABASE_URL."""

from alembic import context
from sqlalchemy import Connection, create_engine

from gateway.feedback_store import database_url
from gateway.feedback_tables import metadata
from gateway.settings import GatewaySettings


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


if shared := context.config.attributes.get("connection"):
    _migrate(shared)
else:
    with create_engine(database_url(GatewaySettings().feedback_database_url.get_secret_value())).begin() as own:
        _migrate(own)
