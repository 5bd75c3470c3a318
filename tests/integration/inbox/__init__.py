"""Inbox: real loads into a home of their own."""
