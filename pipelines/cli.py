"""``koujing``: assembles the commands; errors come out in words and exit codes."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from pipelines.commands.doctor import doctor
from pipelines.commands.inbox import inbox_app
from pipelines.commands.job import dev, run
from pipelines.commands.metric import metric_app
from pipelines.commands.outlet import publish, rollback, versions
from pipelines.commands.pages import dashboard, user_app
from pipelines.commands.sandbox import sandbox_app
from pipelines.commands.shop import shop_app
from pipelines.errors import KoujingError
from pipelines.logs import configure_logging
from pipelines.settings import Settings

app = typer.Typer(
    name="koujing",
    help="口径: every shop's records in one place, every number counted one way.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(inbox_app, name="inbox")
app.add_typer(metric_app, name="metric")
app.add_typer(shop_app, name="shop")
app.add_typer(user_app, name="user")
app.add_typer(sandbox_app, name="sandbox")
for command in (run, publish, rollback, versions, dashboard, dev, doctor):
    app.command()(command)


def main() -> None:
    """Run a command; a failure with a remedy ends without a traceback.

    Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 input refused, 4 nothing published yet,
    5 the build or a check failed.
    """
    configure_logging(Settings().log_level)
    try:
        app()
    except KoujingError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"[bold red]error:[/] {_plain(error.message)}")
        if error.hint:
            console.print(_plain(error.hint))
        sys.exit(error.exit_code)


def _plain(text: str) -> str:
    """Text for rich as it stands: brackets in a message are no markup."""
    from rich.markup import escape

    return escape(text)


if __name__ == "__main__":
    main()
