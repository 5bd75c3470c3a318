"""Credentials and tokens of shops, sealed: only this file sees both the key and the clear text.

A sealed text names its shop and its purpose inside, so that one copied to another row is refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pipelines.errors import KoujingError, UsageError
from pipelines.registry.audit import note
from pipelines.registry.store import CredentialRow, ShopRow, TokenRow, registry_engine
from pipelines.settings import SHANGHAI, Settings

_TOKEN = "token"  # noqa: S105 - the purpose that a sealed token names


@dataclass(frozen=True)
class Token:
    """A shop's tokens and when they end (aware times)."""

    access: str
    refresh: str
    access_expires_at: datetime
    refresh_expires_at: datetime | None

    def __repr__(self) -> str:
        return f"Token(… until {self.access_expires_at:%Y-%m-%d %H:%M})"


class CredentialStore:
    """Reads and changes the sealed part of one home's registry."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = registry_engine(settings)

    def get(self, shop_key: str) -> dict[str, str]:
        """A shop's credentials by name; empty where none were handed over.

        Raises:
            KoujingError: The key does not open them.
        """
        with Session(self._engine) as session:
            rows = session.scalars(select(CredentialRow).where(CredentialRow.shop_key == shop_key))
            return {row.name: self._open(shop_key, row.name, row.ciphertext) for row in rows}

    def holders(self) -> set[str]:
        """The shops that have credentials."""
        with Session(self._engine) as session:
            return set(session.scalars(select(CredentialRow.shop_key).distinct()))

    def set(self, shop_key: str, values: Mapping[str, str], *, forget_token: bool = True) -> None:
        """Add or change credentials; other ones of the shop stay.

        Its token is forgotten, unless nothing was changed that it was got with: where a platform
        turns its refresh tokens, the newest one is the only way back.

        Raises:
            UsageError: No such shop.
        """
        with Session(self._engine) as session, session.begin():
            if session.get(ShopRow, shop_key) is None:
                raise UsageError(f"No shop '{shop_key}'.", "See: koujing shop list")
            for name, value in values.items():
                sealed = self._seal(shop_key, name, value)
                session.merge(CredentialRow(shop_key=shop_key, name=name, ciphertext=sealed))
            if forget_token:
                session.execute(delete(TokenRow).where(TokenRow.shop_key == shop_key))
            note(session, "credentials", shop_key, f"set {', '.join(sorted(values))}")

    def read_token(self, shop_key: str) -> Token | None:
        """A shop's tokens, or None where it has none yet."""
        with Session(self._engine) as session:
            row = session.get(TokenRow, shop_key)
            if row is None:
                return None
            held = json.loads(self._open(shop_key, _TOKEN, row.ciphertext))
            refresh_until = row.refresh_expires_at
            return Token(
                held["access"],
                held["refresh"],
                _aware(row.access_expires_at),
                None if refresh_until is None else _aware(refresh_until),
            )

    def write_token(self, shop_key: str, token: Token) -> None:
        """Keep a shop's new tokens; the old ones are gone with this."""
        held = json.dumps({"access": token.access, "refresh": token.refresh})
        with Session(self._engine) as session, session.begin():
            session.merge(
                TokenRow(
                    shop_key=shop_key,
                    ciphertext=self._seal(shop_key, _TOKEN, held),
                    access_expires_at=token.access_expires_at.astimezone(UTC),
                    refresh_expires_at=(
                        None
                        if token.refresh_expires_at is None
                        else token.refresh_expires_at.astimezone(UTC)
                    ),
                )
            )

    def clear_token(self, shop_key: str) -> None:
        """Forget a shop's tokens."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(TokenRow).where(TokenRow.shop_key == shop_key))

    def rotate_key(self) -> int:
        """Seal everything with a new key; the old one opens nothing any more. How many there were.

        Raises:
            UsageError: The key comes from the environment, where it cannot be changed from here.
        """
        if self._settings.credentials_key:
            raise UsageError(
                "The key comes from KOUJING_CREDENTIALS_KEY.",
                "Set it to 'NEW,OLD', rotate with the key file unset, or use the key file.",
            )
        path = _key_path(self._settings)
        fresh = Fernet.generate_key()
        both = MultiFernet([Fernet(fresh), *map(Fernet, credentials_keys(self._settings))])
        # First a file that opens old and new alike: a crash in between loses nothing.
        _write_key(path, b"\n".join([fresh, *path.read_bytes().split()]))
        count = 0
        with Session(self._engine) as session, session.begin():
            for row in (
                *session.scalars(select(CredentialRow)),
                *session.scalars(select(TokenRow)),
            ):
                row.ciphertext = both.rotate(row.ciphertext.encode()).decode()
                count += 1
            note(session, "rotate-key", "", f"{count} sealed anew")
        _write_key(path, fresh)
        return count

    def _cipher(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in credentials_keys(self._settings)])

    def _seal(self, shop_key: str, purpose: str, text: str) -> str:
        inside = json.dumps([shop_key, purpose, text])
        return self._cipher().encrypt(inside.encode()).decode()

    def _open(self, shop_key: str, purpose: str, ciphertext: str) -> str:
        try:
            inside = json.loads(self._cipher().decrypt(ciphertext.encode()))
        except InvalidToken as error:
            raise KoujingError(
                f"The credentials of {shop_key} cannot be opened with this home's key.",
                "Put back registry/credentials.key (or KOUJING_CREDENTIALS_KEY) from the backup, "
                f"or hand them over again: koujing shop set {shop_key} --credential NAME=VALUE",
            ) from error
        if inside[:2] != [shop_key, purpose]:
            raise KoujingError(
                f"A sealed text of {inside[0]} stands under {shop_key}: it was tampered with.",
                "Hand the credentials over again and look into the change log: koujing shop log",
            )
        return str(inside[2])


def credentials_keys(settings: Settings) -> list[bytes]:
    """The keys that seal credentials, newest first; the key file is made on the first call.

    Raises:
        KoujingError: The key file is open to others, or a key has not the right form.
    """
    if settings.credentials_key:
        keys = settings.credentials_key.encode().split(b",")
    else:
        path = _key_path(settings)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_key(path, Fernet.generate_key(), only_if_new=True)
        if path.stat().st_mode & 0o077:
            raise KoujingError(f"The key file {path} is open to others.", f"Run: chmod 600 {path}")
        keys = path.read_bytes().split()
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise KoujingError(
            "The credentials key has not the form of one (32 bytes, url-safe base64).",
            "Make one with: python -c 'from cryptography.fernet import Fernet as F;"
            " print(F.generate_key().decode())'",
        ) from error
    return keys


def _key_path(settings: Settings) -> Path:
    return settings.registry_dir / "credentials.key"


def _write_key(path: Path, content: bytes, *, only_if_new: bool = False) -> None:
    """Write the key file in one step, readable by its owner alone."""
    written = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if only_if_new:
        # Of two processes that start at once, one's key stays and both read it.
        with contextlib.suppress(FileExistsError):
            os.link(written, path)
        written.unlink()
    else:
        written.replace(path)


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone: what was written is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(SHANGHAI)
