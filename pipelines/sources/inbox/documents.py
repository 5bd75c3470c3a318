"""Files to documents: what a file really is (its bytes say, the suffix lies), and what it packs.

Data flow: path -> ``open_documents`` -> one ``Document`` for each table-like content, unpacked.
What does not belong here: rows, headers, meaning.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pipelines.errors import InputRefusedError
from pipelines.settings import SHANGHAI

DocumentFormat = Literal["text", "workbook", "html"]

MAX_UNPACKED_BYTES = 8 * 1024**3
MAX_WORKBOOK_BYTES = 2 * 1024**3
_MAX_RATIO = 500  # an order export packs 10 to 30 times smaller
_RATIO_FREE_BYTES = 64 * 1024**2
_MAX_MEMBERS = 200
_CHUNK = 1024 * 1024
_UTF8_FLAG = 0x800


@dataclass(frozen=True)
class Document:
    """One table-like content: a plain file, or what came out of a .gz or .zip.

    ``file_id`` is the SHA-256 of the content, so an export is the same file packed or not.
    """

    name: str
    path: Path
    file_id: str
    format: DocumentFormat
    modified_at: datetime


def open_documents(path: Path, scratch: Path) -> Iterator[Document | InputRefusedError]:
    """The documents of one file, each with its content at a plain path.

    Args:
        path: What a person downloaded.
        scratch: Where packed content is written, under names of our own.

    Yields:
        The documents; of a .zip, also the refusal of a member that is empty, locked with a
        password or broken, so that the other members go on.

    Raises:
        InputRefusedError: The file itself is empty, broken, or unpacks beyond bounds.
    """
    modified = datetime.fromtimestamp(path.stat().st_mtime, tz=SHANGHAI).replace(tzinfo=None)
    head = _head(path)
    if not head:
        raise InputRefusedError(f"{path.name} is empty.", "Export it again from the back office.")
    if head.startswith(b"\x1f\x8b"):
        target = scratch / "unpacked"
        with gzip.open(path) as packed:
            digest = _unpack(packed, target, path.stat().st_size, path.name)
        if _head(target).startswith(b"PK\x03\x04") and not _is_workbook(target):
            raise InputRefusedError(
                f"{path.name} is a .zip inside a .gz.", "Unpack it once, then load the .zip."
            )
        yield Document(path.name, target, digest, _format_of(target, path.name), modified)
    elif head.startswith(b"PK\x03\x04") and not _is_workbook(path):
        yield from _members(path, scratch, modified)
    else:
        kind = _format_of(path, path.name)
        yield Document(path.name, path, _digest(path), kind, modified)


def _members(
    path: Path, scratch: Path, modified: datetime
) -> Iterator[Document | InputRefusedError]:
    """The files inside a .zip, in the archive's order."""
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if _is_content(info)]
        if not members:
            raise InputRefusedError(f"{path.name} packs no file.", "Export it again.")
        if len(members) > _MAX_MEMBERS:
            raise InputRefusedError(
                f"{path.name} packs {len(members)} files; {_MAX_MEMBERS} is the most.",
                "Unpack it and load the folder.",
            )
        for number, info in enumerate(members):
            name = f"{path.name}/{PurePosixPath(_member_name(info)).name}"
            # Never the member's own path: it could lead out of the scratch folder.
            target = scratch / f"member{number}"
            try:
                digest = _unpack_member(archive, info, name, target)
                yield Document(name, target, digest, _format_of(target, name), modified)
            except InputRefusedError as refusal:
                yield refusal
            target.unlink(missing_ok=True)


def _unpack_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, target: Path) -> str:
    """Unpack one member of a .zip; the SHA-256 of its content."""
    if info.flag_bits & 0x1:
        raise InputRefusedError(
            f"{name} is locked with a password.",
            "Unpack it with the password from the back office, then load the folder.",
        )
    with _opened(archive, info, name) as packed:
        digest = _unpack(packed, target, info.compress_size, name)
    if digest == _EMPTY_DIGEST:
        raise InputRefusedError(f"{name} is empty.", "Export it again.")
    return digest


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> IO[bytes]:
    try:
        return archive.open(info)
    except (NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise InputRefusedError(
            f"{name} cannot be unpacked: {error}", "Unpack it yourself, then load the folder."
        ) from error


def _is_content(info: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(info.filename)
    return not (info.is_dir() or name.name.startswith(".") or "__MACOSX" in name.parts)


def _member_name(info: zipfile.ZipInfo) -> str:
    """Windows packs Chinese names in GBK without saying so; zipfile then reads cp437."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            is_workbook = "[Content_Types].xml" in archive.namelist()
            size = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile as error:
        raise InputRefusedError(
            f"{path.name} is a broken .zip or .xlsx: {error}",
            "The download was cut off: export it again.",
        ) from error
    if is_workbook and size > MAX_WORKBOOK_BYTES:
        raise InputRefusedError(
            f"{path.name} unpacks to {size:,} bytes, more than a workbook may have here.",
            "Export it as CSV: text is read in pieces, a workbook as a whole.",
        )
    return is_workbook


def _format_of(path: Path, name: str) -> DocumentFormat:
    head = _head(path)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "workbook"
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")):
        raise InputRefusedError(
            f"{name} is not a table (a picture, a PDF or another packer's archive).",
            "Export it as CSV or Excel; unpack .rar and .7z yourself.",
        )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        return "html"
    # Excel's own HTML starts with XML declarations; a table follows within the first lines.
    return "html" if start.startswith(b"<") and b"<table" in start else "text"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


_EMPTY_DIGEST = hashlib.sha256().hexdigest()


def _unpack(packed: IO[bytes] | gzip.GzipFile, target: Path, packed_size: int, name: str) -> str:
    """Write unpacked content in pieces, with an eye on how much it becomes; its SHA-256."""
    size = 0
    limit = min(MAX_UNPACKED_BYTES, max(_RATIO_FREE_BYTES, packed_size * _MAX_RATIO))
    digest = hashlib.sha256()
    try:
        with target.open("wb") as file:
            while piece := packed.read(_CHUNK):
                size += len(piece)
                if size > limit:
                    raise InputRefusedError(
                        f"{name} unpacks to more than {limit:,} bytes; no export does.",
                        "If it is what it says, unpack it yourself and load the plain file.",
                    )
                digest.update(piece)
                file.write(piece)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise InputRefusedError(
            f"{name} is broken: {error}", "The download was cut off: export it again."
        ) from error
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def walk(paths: list[Path], skip: Callable[[Path], bool]) -> list[Path]:
    """Every file of the given files and folders, sorted within a folder, without hidden ones."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [item for item in inside if item.is_file() and not skip(item)]
    return list(dict.fromkeys(found))
