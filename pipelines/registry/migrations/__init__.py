"""The registry's layout over time (alembic); run by ``store.migrate``, never by hand."""
