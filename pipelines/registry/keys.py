"""The key that turns buyers' names and phones into keyed hashes. It never leaves the registry."""

from __future__ import annotations

import os
import secrets

from pipelines.errors import KoujingError
from pipelines.settings import Settings


def pii_key(settings: Settings) -> bytes:
    """The home's hashing key, made on the first call (file mode 0600).

    A lost key means that old and new hashes of one buyer differ, so back it up with the lake.

    Returns:
        At least 32 bytes.

    Raises:
        KoujingError: The key file can be read by others, or the key is too short.
    """
    if settings.pii_key:
        return _long_enough(settings.pii_key.encode())
    path = settings.registry_dir / "pii.key"
    if not path.exists():
        settings.registry_dir.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two processes that start at once, one writes and the other reads.
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return pii_key(settings)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    if path.stat().st_mode & 0o077:
        raise KoujingError(f"The key file {path} is open to others.", f"Run: chmod 600 {path}")
    return _long_enough(path.read_bytes().strip())


def _long_enough(key: bytes) -> bytes:
    if len(key) < 32:
        raise KoujingError(
            "The buyer-hash key is shorter than 32 bytes.",
            "Unset KOUJING_PII_KEY to use the key file, or set one made with: openssl rand -hex 32",
        )
    return key
