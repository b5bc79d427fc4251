"""Measurements that print a table; run by hand."""
