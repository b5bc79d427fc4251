"""What `make` runs: the environment, the whole stack, the locks."""
