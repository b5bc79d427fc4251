"""What real uvicorn workers fail to load in a test."""

raise RuntimeError("the tables are gone")
