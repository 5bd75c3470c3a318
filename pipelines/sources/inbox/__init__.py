"""The inbox: files that a person downloaded from a back office, on their way into the raw lake."""

from __future__ import annotations

from pipelines.sources.inbox.mapping import raw_tables

__all__ = ["raw_tables"]
