"""Raw files to clean tables."""
