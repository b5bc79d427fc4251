"""The feedback database's schema, version by version (Alembic); the gateway brings it up to date at its start."""
