"""Inbox: units."""
