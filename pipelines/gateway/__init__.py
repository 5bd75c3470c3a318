"""What all connectors share: HTTP, limits, retries, tokens, windows, decoding, PII, pulls.

It finds the connector folders and names no platform.
"""
