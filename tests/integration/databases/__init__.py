"""Databases as sources, on a real PostgreSQL."""
