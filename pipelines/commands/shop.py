"""``koujing shop``: the registered shops and ad accounts, their credentials and their health."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipelines.errors import UsageError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.gateway.connector import Connector, CredentialField

shop_app = typer.Typer(help="Shops and ad accounts: data, not configuration.", no_args_is_help=True)
_ShopKey = Annotated[str, typer.Argument(help="The shop's key.")]
_Credential = Annotated[
    list[str] | None,
    typer.Option(
        "--credential", help="NAME=VALUE, again for more; - as VALUE reads it from stdin."
    ),
]
_CredentialFile = Annotated[
    Path | None, typer.Option(help="JSON object of credentials, so that no history keeps them.")
]


@shop_app.command("list")
def list_shops(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")] = False,
) -> None:
    """List the registered shops and ad accounts.

    Example: koujing shop list --json
    """
    from pipelines.registry.shops import ShopRegistry

    shops = ShopRegistry(Settings()).all()
    if as_json:
        typer.echo(json.dumps([shop.model_dump() for shop in shops], ensure_ascii=False, indent=2))
        return
    if not shops:
        typer.echo(
            "No shop is registered yet. Add one: koujing shop add doudian KEY, or load a file of "
            "it: koujing inbox load FILE --shop KEY"
        )
        return
    table = Table("shop", "名称", "渠道", "kind", "status", "registered by")
    for shop in shops:
        table.add_row(shop.shop_key, shop.name, shop.channel, shop.kind, shop.status, shop.origin)
    Console().print(table)


@shop_app.command("add")
def add_shop(
    channel: Annotated[str, typer.Argument(help="Its channel, such as doudian.")],
    shop_key: _ShopKey,
    name: Annotated[str, typer.Option(help="Its name on the pages; default: the key.")] = "",
    platform_shop_id: Annotated[str, typer.Option(help="Its id on the platform.")] = "",
    parent: Annotated[str, typer.Option(help="The shop that an ad account buys for.")] = "",
    base_url: Annotated[str, typer.Option(help="Another address than the platform's.")] = "",
    credential: _Credential = None,
    credential_file: _CredentialFile = None,
) -> None:
    """Register a shop with what its platform asks for; takes effect with the next run.

    What is not given is asked for, secrets unseen.

    Example: koujing shop add doudian dy-main --name 抖店主店 --platform-shop-id 4463798
    """
    from pipelines.registry.credentials import CredentialStore
    from pipelines.registry.shops import Shop, ShopRegistry

    settings, connector = Settings(), _connector(channel)
    values = _given(credential, credential_file)
    _known_fields(connector, values)
    for field in connector.credentials:
        if field.required and field.name not in values:
            values[field.name] = _asked(connector, field)
    ShopRegistry(settings).add(
        Shop(
            shop_key=shop_key,
            channel=channel,
            kind=connector.serves[channel],
            name=name or shop_key,
            platform_shop_id=platform_shop_id,
            parent_shop_key=parent,
            base_url=base_url,
        )
    )
    CredentialStore(settings).set(shop_key, values)
    typer.echo(f"{shop_key} is registered. Next: koujing shop check {shop_key}, then koujing run")


@shop_app.command("set")
def set_shop(
    shop_key: _ShopKey,
    name: Annotated[str | None, typer.Option(help="Its name on the pages.")] = None,
    platform_shop_id: Annotated[str | None, typer.Option(help="Its id on the platform.")] = None,
    parent: Annotated[str | None, typer.Option(help="The shop an ad account buys for.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Another address; '' for its own.")] = None,
    credential: _Credential = None,
    credential_file: _CredentialFile = None,
) -> None:
    """Change a shop or its credentials; takes effect with the next run.

    Example: koujing shop set tmall-demo --name 天猫旗舰店
    """
    from pipelines.registry.credentials import CredentialStore
    from pipelines.registry.shops import ShopRegistry

    settings = Settings()
    values = _given(credential, credential_file)
    changed = {
        "name": name,
        "platform_shop_id": platform_shop_id,
        "parent_shop_key": parent,
        "base_url": base_url,
    }
    if not values and all(value is None for value in changed.values()):
        raise UsageError("Nothing was said to change.", "See: koujing shop set --help")
    shop = ShopRegistry(settings).change(shop_key, **changed)
    if values:
        connector = _connector(shop.channel)
        _known_fields(connector, values)
        login = {field.name for field in connector.credentials if field.logs_in}
        CredentialStore(settings).set(shop_key, values, forget_token=bool(login & values.keys()))
        typer.echo(
            f"{shop_key}: {', '.join(sorted(values))} changed. Try: koujing shop check {shop_key}"
        )
    if name is not None:
        typer.echo(f"{shop.shop_key} is now called {shop.name}. Next: koujing run")


@shop_app.command("disable")
def disable_shop(shop_key: _ShopKey) -> None:
    """Stop expecting data from a shop. Its numbers stay.

    Example: koujing shop disable tmall-old
    """
    from pipelines.registry.shops import ShopRegistry

    shop = ShopRegistry(Settings()).change(shop_key, status="disabled")
    typer.echo(f"{shop.shop_key} is disabled; what it sold stays in the numbers. Next: koujing run")


@shop_app.command("enable")
def enable_shop(shop_key: _ShopKey) -> None:
    """Expect data from a shop again.

    Example: koujing shop enable tmall-old
    """
    from pipelines.registry.shops import ShopRegistry

    shop = ShopRegistry(Settings()).change(shop_key, status="active")
    typer.echo(f"{shop.shop_key} is in use again. Next: koujing run")


@shop_app.command("check")
def check_shops(
    shop_keys: Annotated[list[str] | None, typer.Argument(help="Shops; none: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")] = False,
) -> None:
    """Make one signed call a shop and say what its platform answers.

    Exit code 1 where a shop does not work.

    Example: koujing shop check dy-main
    """
    from pipelines.registry.health import check_all

    results = check_all(Settings(), shop_keys or [])
    if as_json:
        typer.echo(json.dumps([vars(each) for each in results], ensure_ascii=False, indent=2))
    elif not results:
        typer.echo("No shop has credentials yet: koujing shop add CHANNEL KEY")
    else:
        table = Table("shop", "渠道", "works", "what the platform says", "what to do")
        for each in results:
            table.add_row(
                each.shop_key, each.channel, "yes" if each.works else "no", each.said, each.hint
            )
        Console(soft_wrap=True).print(table)
    if not all(each.works for each in results):
        raise typer.Exit(1)


@shop_app.command("rotate-key")
def rotate_key() -> None:
    """Seal all credentials with a new key; the old key opens nothing any more.

    Example: koujing shop rotate-key
    """
    from pipelines.registry.credentials import CredentialStore

    count = CredentialStore(Settings()).rotate_key()
    typer.echo(f"{count} credentials and tokens sealed anew. Back up registry/credentials.key.")


@shop_app.command("log")
def show_log(
    limit: Annotated[int, typer.Option(help="How many of the newest changes.")] = 50,
) -> None:
    """Show who changed what in the registry. Secrets are never in it.

    Example: koujing shop log --limit 20
    """
    from pipelines.registry.audit import changes

    table = Table("when", "who", "action", "shop", "what")
    for each in changes(Settings(), limit):
        table.add_row(
            f"{each.at:%Y-%m-%d %H:%M:%S}", each.who, each.action, each.shop_key, each.what
        )
    Console(soft_wrap=True).print(table)


def _connector(channel: str) -> Connector:
    from pipelines.gateway.catalogue import connectors

    known = connectors()
    if channel not in known:
        raise UsageError(
            f"No connector for '{channel}'.",
            f"There are: {', '.join(sorted(known))}. Others come by file: koujing inbox load",
        )
    return known[channel]


def _given(pairs: list[str] | None, file: Path | None) -> dict[str, str]:
    """Credentials from options and a file; values from stdin where they are '-'."""
    values: dict[str, str] = {}
    if file is not None:
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} is no JSON object of credentials.", str(error)) from error
        values |= {str(name): str(value) for name, value in dict(held).items()}
    for pair in pairs or ():
        name, found, value = pair.partition("=")
        if not found:
            raise UsageError("A credential is NAME=VALUE.", "Such as: --credential app_key=684…")
        values[name] = sys.stdin.readline().rstrip("\n") if value == "-" else value
    return values


def _known_fields(connector: Connector, values: dict[str, str]) -> None:
    known = {field.name: field for field in connector.credentials}
    for name, value in values.items():
        if name not in known:
            raise UsageError(
                f"{connector.title} knows no credential '{name}'.", f"It takes: {', '.join(known)}."
            )
        _refuse_misfit(connector, known[name], value)


def _refuse_misfit(connector: Connector, field: CredentialField, value: str) -> None:
    """The value itself is never repeated: it may be a secret.

    Raises:
        UsageError: It is empty, has blanks around it, or does not look like what it should be.
    """
    if not value.strip():
        raise UsageError(f"{field.name} is empty.", "Hand over its value.")
    if value != value.strip() or (field.pattern and not re.fullmatch(field.pattern, value)):
        looks = f": {field.hint}" if field.hint else ", blanks around it"
        raise UsageError(
            f"{field.name} is not what {connector.title} gives out{looks}.",
            "Copy it again, whole and without blanks.",
        )


def _asked(connector: Connector, field: CredentialField) -> str:
    """Ask for a value until it fits."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"{field.name} ({field.title}) is missing.",
            f"Hand it over: --credential {field.name}=…",
        )
    while True:
        value = str(typer.prompt(f"{field.title} ({field.name})", hide_input=field.secret))
        try:
            _refuse_misfit(connector, field, value)
        except UsageError as error:
            typer.echo(str(error), err=True)
        else:
            return value
