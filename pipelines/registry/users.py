"""Who may open the pages: people with a role and a scope, passwords kept as argon2 hashes.

What does not belong here: sessions and cookies (``dashboards/auth.py``), and what a scope means for
a query (``dashboards/query.py``).
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.errors import UsageError
from pipelines.registry.store import UserRow, registry_engine
from pipelines.settings import Settings, shanghai_now

Role = Literal["manager", "analyst", "shop_operator", "finance", "data_platform", "engineer"]
ROLE_NAMES: dict[str, str] = {
    "manager": "经理",
    "analyst": "分析师",
    "shop_operator": "店铺运营",
    "finance": "财务",
    "data_platform": "数据中台",
    "engineer": "工程师",
}
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_NAME = re.compile(r"^[\w][\w.@-]{0,79}$")
_HASHER = PasswordHasher()


class User(BaseModel):
    """A person who may open the pages; empty channels and shops are all of them."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: Role
    channels: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    password_hash: str

    @property
    def role_name(self) -> str:
        """The role in Chinese."""
        return ROLE_NAMES[self.role]


class UserRegistry:
    """Reads and changes the users of one home."""

    def __init__(self, settings: Settings) -> None:
        self._engine = registry_engine(settings)

    def all(self) -> list[User]:
        """Every user, by name."""
        with Session(self._engine) as session:
            return [
                _to_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))
            ]

    def get(self, name: str) -> User | None:
        """One user, or None."""
        with Session(self._engine) as session:
            row = session.get(UserRow, name)
            return None if row is None else _to_user(row)

    def add(
        self,
        name: str,
        password: str,
        role: str,
        *,
        channels: Sequence[str] = (),
        shops: Sequence[str] = (),
    ) -> User:
        """Add a user.

        Raises:
            UsageError: The name is taken or unusable, the role unknown, or the password too short.
        """
        if not _NAME.match(name):
            raise UsageError(
                f"'{name}' cannot be a user name.",
                "Use 1 to 80 letters, digits, '.', '_', '-' or '@', starting with a letter.",
            )
        row = UserRow(
            name=name,
            role=_role(role),
            password_hash=_hashed(password),
            channels=sorted(set(channels)),
            shops=sorted(set(shops)),
            created_at=shanghai_now(),
        )
        with Session(self._engine) as session, session.begin():
            if session.get(UserRow, name) is not None:
                raise UsageError(f"User '{name}' is there already.", "See: koujing user list")
            session.add(row)
            return _to_user(row)

    def change(
        self,
        name: str,
        *,
        password: str | None = None,
        role: str | None = None,
        channels: Sequence[str] | None = None,
        shops: Sequence[str] | None = None,
    ) -> User:
        """Change what is given; a new password ends the user's sessions.

        Raises:
            UsageError: No such user, an unknown role, or a password that is too short.
        """
        with Session(self._engine) as session, session.begin():
            row = self._existing(session, name)
            if password is not None:
                row.password_hash = _hashed(password)
            if role is not None:
                row.role = _role(role)
            if channels is not None:
                row.channels = sorted(set(channels))
            if shops is not None:
                row.shops = sorted(set(shops))
            return _to_user(row)

    def remove(self, name: str) -> None:
        """Remove a user; their sessions end at once.

        Raises:
            UsageError: No such user.
        """
        with Session(self._engine) as session, session.begin():
            session.delete(self._existing(session, name))

    def verified(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs.

        An unknown name costs as much time as a wrong password, so neither can be told apart.
        """
        user = self.get(name[:80])
        expected = user.password_hash if user else _nobody()
        try:
            matches = _HASHER.verify(expected, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return None
        return user if matches else None

    @staticmethod
    def _existing(session: Session, name: str) -> UserRow:
        row = session.get(UserRow, name)
        if row is None:
            known = ", ".join(session.scalars(select(UserRow.name).order_by(UserRow.name)))
            raise UsageError(f"No user '{name}'.", f"There are: {known or 'none yet'}.")
        return row


@dataclass
class _Failures:
    count: int
    first_at: float


class LoginThrottle:
    """Locks a key (a name at an address, or an address) out after too many failures.

    In memory and bounded: a restart forgets it, which costs an attacker a restart of ours.

    Args:
        limit: Failures allowed within ``window_seconds``.
        window_seconds: How long failures are remembered, and how long a lock lasts.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        limit: int = 5,
        window_seconds: float = 900,
        clock: Callable[[], float] = time.monotonic,
        keys_kept: int = 10_000,
    ) -> None:
        self._limit = limit
        self._window = window_seconds
        self._clock = clock
        self._keys_kept = keys_kept
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = Lock()

    def wait_seconds(self, key: str) -> int:
        """How long this key has to wait; 0 means that it may try."""
        with self._lock:
            failures = self._recent(key)
            if failures is None or failures.count < self._limit:
                return 0
            return max(1, round(failures.first_at + self._window - self._clock()))

    def failed(self, key: str) -> None:
        """Remember a failure."""
        with self._lock:
            failures = self._recent(key) or _Failures(0, self._clock())
            failures.count += 1
            self._failures[key] = failures
            self._failures.move_to_end(key)
            while len(self._failures) > self._keys_kept:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the key's failures."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> _Failures | None:
        failures = self._failures.get(key)
        if failures is not None and self._clock() - failures.first_at >= self._window:
            del self._failures[key]
            return None
        return failures


def _to_user(row: UserRow) -> User:
    return User.model_validate({name: getattr(row, name) for name in User.model_fields})


def _role(role: str) -> str:
    if role not in get_args(Role):
        raise UsageError(f"'{role}' is not a role.", f"Roles: {', '.join(get_args(Role))}.")
    return role


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UsageError(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            "A few words in a row are easy to remember and hard to guess.",
        )
    return _HASHER.hash(password)


@cache
def _nobody() -> str:
    """A hash that no password matches by knowledge: what unknown names are checked against."""
    import secrets

    return _HASHER.hash(secrets.token_urlsafe(32))
