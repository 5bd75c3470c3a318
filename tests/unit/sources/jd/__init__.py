"""Tests of the 京东 connector."""
