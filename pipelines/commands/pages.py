"""Commands of the pages: serve them, and say who may open them."""

from __future__ import annotations

import secrets
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.errors import KoujingError, UsageError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.registry.users import UserRegistry

FIRST_USER = "admin"

user_app = typer.Typer(
    no_args_is_help=True,
    help="People who may open the pages, their roles and what they may see.",
)

Name = Annotated[str, typer.Argument(help="The user's name, as typed at login.")]
Channels = Annotated[
    list[str] | None, typer.Option("--channel", help="May see this channel only; repeatable.")
]
Shops = Annotated[
    list[str] | None, typer.Option("--shop", help="May see this shop only; repeatable.")
]


def dashboard(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; default 8050.")
    ] = None,
) -> None:
    """Serve the pages (经营总览) until Ctrl+C.

    On the first start a user is made and its password printed once.

    Example: koujing dashboard --port 8050
    """
    settings = Settings()
    host, port = host or settings.dashboard_host, port or settings.dashboard_port
    _refuse_taken(host, port)
    first_password = make_first_user(settings)
    if first_password:
        typer.echo(
            f"Made the first user: {FIRST_USER}   password: {first_password}\n"
            "It is not shown again. Change it with: koujing user set-password admin"
        )
    typer.echo(f"经营总览 is at http://{host}:{port}   (Ctrl+C ends it)")
    serve(settings, host, port)


def make_first_user(settings: Settings) -> str:
    """Add the first manager with a random password.

    Returns:
        The password, which is kept nowhere; empty where there are users already.
    """
    users = _users(settings)
    if users.all():
        return ""
    password = secrets.token_urlsafe(12)
    users.add(FIRST_USER, password, "manager")
    return password


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the pages until interrupted, in one worker: the figures' cache is in memory."""
    import os

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # The worker is a new process; it finds its home by the environment alone.
    os.environ["KOUJING_HOME"] = str(settings.home)
    Granian(
        "dashboards.app:make_server",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=4,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


@user_app.command("add")
def add_user(
    name: Name,
    role: Annotated[
        str,
        typer.Option(help="manager, analyst, shop_operator, finance, data_platform or engineer."),
    ] = "analyst",
    channel: Channels = None,
    shop: Shops = None,
) -> None:
    """Add a user; the password is asked for. Without --channel and --shop they see everything.

    Example: koujing user add li.na --role shop_operator --shop tmall-flagship
    """
    _warn_unknown_shops(shop or [])
    users = _users(Settings())
    user = users.add(name, _ask_password(), role, channels=channel or (), shops=shop or ())
    typer.echo(f"Added {user.name} ({user.role}), who sees {_scope(user.channels, user.shops)}.")


@user_app.command("list")
def list_users() -> None:
    """List the users with their roles and what they may see.

    Example: koujing user list
    """
    from rich.console import Console
    from rich.table import Table

    users = _users(Settings()).all()
    if not users:
        typer.echo("No users yet: koujing dashboard makes the first one, or koujing user add NAME.")
        return
    table = Table("user", "role", "角色", "sees")
    for user in users:
        table.add_row(user.name, user.role, user.role_name, _scope(user.channels, user.shops))
    Console().print(table)


@user_app.command("set")
def set_user(
    name: Name,
    role: Annotated[str | None, typer.Option(help="The new role.")] = None,
    channel: Channels = None,
    shop: Shops = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="May see all channels and shops again.")
    ] = False,
) -> None:
    """Change a user's role or what they may see; it takes effect at once.

    Example: koujing user set li.na --shop tmall-flagship --shop dy-flagship
    """
    _warn_unknown_shops(shop or [])
    if everything and (channel or shop):
        raise UsageError(
            "--everything and a narrower scope exclude each other.", "Give one of the two."
        )
    wanted: tuple[list[str] | None, list[str] | None] = ([], []) if everything else (channel, shop)
    user = _users(Settings()).change(name, role=role, channels=wanted[0], shops=wanted[1])
    typer.echo(f"{user.name} ({user.role}) sees {_scope(user.channels, user.shops)}.")


@user_app.command("set-password")
def set_password(name: Name) -> None:
    """Give a user a new password; their open sessions end.

    Example: koujing user set-password admin
    """
    users = _users(Settings())
    if users.get(name) is None:
        users.change(name)  # raises, naming who there is, before a password is typed for nobody
    users.change(name, password=_ask_password())
    typer.echo(f"Changed the password of {name}; their open sessions have ended.")


@user_app.command("remove")
def remove_user(name: Name) -> None:
    """Remove a user; their open sessions end.

    Example: koujing user remove li.na
    """
    _users(Settings()).remove(name)
    typer.echo(f"Removed {name}.")


def _users(settings: Settings) -> UserRegistry:
    from pipelines.registry.users import UserRegistry

    return UserRegistry(settings)


def _ask_password() -> str:
    """From the terminal without echo, twice; from a pipe as it comes."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _scope(channels: tuple[str, ...], shops: tuple[str, ...]) -> str:
    parts = [f"channels {', '.join(channels)}"] if channels else []
    parts += [f"shops {', '.join(shops)}"] if shops else []
    return " and ".join(parts) or "everything"


def _warn_unknown_shops(shops: list[str]) -> None:
    from pipelines.registry.shops import ShopRegistry

    registry = ShopRegistry(Settings())
    unknown = [key for key in shops if registry.get(key) is None]
    if unknown:
        typer.echo(
            f"Note: {', '.join(unknown)} is not registered yet; until it is, they see nothing "
            "of it. See: koujing shop list",
            err=True,
        )


def _refuse_taken(host: str, port: int) -> None:
    """Find out before the worker starts: its own error would be a traceback."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise KoujingError(
                f"Cannot listen on {host}:{port}: {error.strerror}.",
                f"Another program may use it. Try: koujing dashboard --port {port % 65535 + 1}",
            ) from error
