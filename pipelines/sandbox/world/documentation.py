"""``docs/world.md``, made from the schema: ``python -m pipelines.sandbox.world.documentation``."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sandbox.world.columns import Column
from pipelines.sandbox.world.schema import TABLES
from pipelines.settings import PROJECT_ROOT

PATH = PROJECT_ROOT / "docs" / "world.md"
_INTRO = """# A world: what the sandbox is made over

<!-- Made by `python -m pipelines.sandbox.world.documentation`; a test holds it against the schema.
-->

A world is a folder of Parquet files, one a table, with the columns below. It is a whole company's
history, the future of its clock included: every event has its time, and the sandbox shows what
happened *before* the clock. Statuses are never stored; they follow from the times. Money is integer
fen, ids are text, times are `Datetime("us", "Asia/Shanghai")`, null means "does not happen". All of
it is made up.

`koujing run` in an empty home makes the world `small` (38 shops, 2026-11-01 to 11-17, the clock at
11-14 20:00). Others: `koujing run --world demo` (90 days), `large` (5 million orders), or a folder
of your own:

```
koujing sandbox up --world PATH
```

A folder that breaks the schema is refused with table, column and row. What was planted on purpose
(amounts that do not add up, test orders, 补单, wrong and missing bills) is listed in the table
`dirt`. The world's own books (`pipelines/sandbox/truth/`) compute the metrics from these tables
alone, in polars.
"""


def world_page() -> str:
    """The page as it should stand."""
    return "\n".join([_INTRO, *_tables()]) + "\n"


def _tables() -> Iterator[str]:
    for name, table in TABLES.items():
        yield f"## {name}\n\n{table.doc} Key: {', '.join(f'`{column}`' for column in table.key)}.\n"
        yield "| column | type | null | meaning |\n| --- | --- | --- | --- |"
        for column, meant in table.columns.items():
            null = "yes" if meant.nullable else ""
            yield f"| `{column}` | {_type(meant)} | {null} | {_said(meant)} |"
        yield ""


def _type(column: Column) -> str:
    return str(column.dtype() if isinstance(column.dtype, type) else column.dtype).split("(")[0]


def _said(column: Column) -> str:
    told = column.doc
    if column.one_of:
        told += f" One of: {', '.join(column.one_of)}."
    return f"{told} In `{column.refers_to}`." if column.refers_to else told


if __name__ == "__main__":
    PATH.write_text(world_page(), encoding="utf-8")
