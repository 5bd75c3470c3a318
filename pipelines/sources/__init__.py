"""Connectors: one folder a source. They talk to the outside and land what it said."""
