"""Files that survive a crash: written aside, flushed, then renamed into place.

What does not belong here: what the files mean.
"""

from __future__ import annotations

import os
from pathlib import Path


def flush_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    _flush(path, os.O_RDONLY)


def flush_folder(path: Path) -> None:
    """Force a folder's entries (names created, renamed, removed) to the disk."""
    _flush(path, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Replace a file whole: after a crash it holds the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(path)
    aside.write_text(text, encoding="utf-8")
    flush_file(aside)
    aside.replace(path)
    flush_folder(path.parent)


def place(source: Path, target: Path) -> None:
    """Move a finished file to its final name, read-only from now on."""
    target.parent.mkdir(parents=True, exist_ok=True)
    flush_file(source)
    source.chmod(0o444)
    source.replace(target)


def point_link(link: Path, target: Path) -> None:
    """Let a symbolic link name another file, atomically: a reader finds the old or the new one.

    A symbolic link rather than a hard one: it shows which version it names, and DuckDB keys the
    databases it has open in a process by the resolved path, so that a process which still holds
    the old version gets the new one when it opens the link again.
    """
    aside = _aside(link)
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(target, link.parent))
    aside.replace(link)
    flush_folder(link.parent)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
