"""``koujing-dbt``: dbt as its own command line, with the project as it was parsed before.

Only its Python entry can be handed a parsed project. Where the target folder has none of this
checkout as it stands, dbt parses as ever. Its version, which dagster-dbt asks for before each call,
is told without loading dbt: that takes ten seconds.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_FAILED, _BROKE = 1, 2  # dbt's own: something that it ran did, it did


def main() -> None:
    """Run dbt with this process's arguments; ends the process with dbt's exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"Core:\n  - installed: {version('dbt-core')}")  # noqa: T201 - its answer
        return
    from dbt.cli.main import dbtRunner

    done = dbtRunner(manifest=None if "parse" in arguments else _parsed()).invoke(arguments)
    sys.exit(_BROKE if done.exception else 0 if done.success else _FAILED)


def _parsed() -> Manifest | None:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    from pipelines.parsing import is_parsed, project_digest

    target = Path(os.environ["DBT_TARGET_PATH"])
    if not is_parsed(target, project_digest()):
        return None
    parsed = (target / "partial_parse.msgpack").read_bytes()
    return Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder)


if __name__ == "__main__":
    main()
