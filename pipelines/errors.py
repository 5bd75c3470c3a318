"""Errors that a person meets: each says what is wrong and what to do about it."""

from __future__ import annotations


class KoujingError(Exception):
    """A failure with a remedy.

    The command line prints ``message`` and ``hint`` without a traceback and exits with
    ``exit_code``; Dagster shows both in the event log.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(KoujingError):
    """What was asked cannot be asked: an unknown name, a wrong option, an unreadable path."""

    exit_code = 2


class InputRefusedError(KoujingError):
    """A file or record set was refused whole; nothing of it was loaded."""

    exit_code = 3


class NothingPublishedError(KoujingError):
    """There is no published version to read yet."""

    exit_code = 4


class BuildFailedError(KoujingError):
    """The warehouse build or one of its checks failed; the last good version stays published."""

    exit_code = 5
