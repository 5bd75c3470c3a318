"""What databases refuse, in the gateway's words: by SQLSTATE (PostgreSQL) or number (MySQL)."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from pipelines.gateway.errors import (
    ParameterRefused,
    PermissionMissing,
    PlatformBusy,
    PlatformError,
    ShapeChanged,
    SignatureRefused,
    Unreachable,
)

_BY_CODE: dict[type[PlatformError], tuple[str, ...]] = {
    SignatureRefused: ("28000", "28P01", "1045"),
    ParameterRefused: ("3D000", "1049"),  # no such database
    PermissionMissing: ("42501", "1044", "1142", "1143"),
    ShapeChanged: ("42P01", "3F000", "42703", "1146", "1054"),
    # Too many connections, cancelled or timed out, deadlock, conflict with a replica's recovery.
    PlatformBusy: ("53300", "57014", "40001", "40P01", "1040", "1203", "1205", "1213", "3024"),
    Unreachable: ("", "57P01", "57P02", "57P03", "2002", "2003", "2006", "2013"),
}


def refusal(error: BaseException, shop: str, user: str | None, table: str) -> PlatformError:
    """The gateway's error for what came out of SQLAlchemy, dlt or a driver.

    Args:
        error: What was raised.
        shop: Whose database.
        user: Who is logged in.
        table: What was read, with its schema; empty: nothing yet.
    """
    chain = list(_chain(error))
    known = next((each for each in chain if isinstance(each, PlatformError)), None)
    if known is not None:
        return known
    if any(isinstance(each, sa.exc.NoSuchTableError) for each in chain):
        return ShapeChanged(f"There is no table {table}")
    failed = next((each for each in chain if isinstance(each, sa.exc.DBAPIError)), None)
    if failed is None:
        return PlatformError(f"{type(chain[-1]).__name__} while reading {table}")
    code, words = _told(failed.orig)
    return _by_code(code, words, shop, user, table)


def _by_code(code: str, words: str, shop: str, user: str | None, table: str) -> PlatformError:
    known = (each for each, codes in _BY_CODE.items() if code in codes)
    kind = Unreachable if code.startswith("08") else next(known, PlatformError)
    hand_over = f"koujing shop set {shop} --credential database_url=-"
    hints = {
        SignatureRefused: f"Hand over the right one: {hand_over}",
        ParameterRefused: f"Hand over the right one: {hand_over}",
        PermissionMissing: f"GRANT SELECT ON {table} TO {user}",
        Unreachable: f"Is it up, and may we reach it from here? koujing shop check {shop}",
    }
    error = kind(words, code)
    error.hint = hints.get(kind, error.hint)
    return error


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _told(original: BaseException | None) -> tuple[str, str]:
    """Code and first line of what the server said; values of rows are never in it."""
    state = getattr(original, "sqlstate", None)
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    if state is not None:
        return str(state), str(primary or type(original).__name__)
    arguments = original.args if original is not None else ()
    if len(arguments) > 1 and isinstance(arguments[0], int):  # MySQL's drivers
        return str(arguments[0]), str(arguments[1])
    # No connection was made: the driver says why, with host and user but no password.
    text = str(original)
    reason = text.rpartition("FATAL:")[2].strip() or text
    code = "28P01" if "password authentication failed" in text else ""
    return code, reason.splitlines()[0] if reason else type(original).__name__
