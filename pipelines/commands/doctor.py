"""``koujing doctor``: what is set up, what is missing, what to do."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipelines.settings import Settings

_MARKS = {"ok": "[green]ok[/]", "note": "[cyan]note[/]", "act": "[bold yellow]to do[/]"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")] = False,
) -> None:
    """Look at this home: registry, keys, pulls, lake, published version, optional parts.

    Asks no platform (koujing shop check does). Exit code 1 where something needs doing.

    Example: koujing doctor
    """
    from pipelines.diagnosis import diagnose

    findings = diagnose(Settings())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=2))
    else:
        table = Table("", "what", "how it stands", "what to do")
        for each in findings:
            table.add_row(_MARKS[each.state], each.what, each.said, each.hint)
        Console(soft_wrap=True).print(table)
    if any(each.state == "act" for each in findings):
        raise typer.Exit(1)
