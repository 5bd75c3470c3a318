"""``koujing shop``: the registered shops and ad accounts."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipelines.settings import Settings

shop_app = typer.Typer(help="Shops and ad accounts: data, not configuration.", no_args_is_help=True)


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
            "No shop is registered yet. Loading a file registers its shop: "
            "koujing inbox load FILE --shop KEY"
        )
        return
    table = Table("shop", "名称", "渠道", "kind", "status", "registered by")
    for shop in shops:
        table.add_row(shop.shop_key, shop.name, shop.channel, shop.kind, shop.status, shop.origin)
    Console().print(table)


@shop_app.command("set")
def set_shop(
    shop_key: Annotated[str, typer.Argument(help="The shop's key.")],
    name: Annotated[str, typer.Option(help="Its name on the pages.")],
) -> None:
    """Rename a shop; takes effect with the next run.

    Example: koujing shop set tmall-demo --name 天猫旗舰店
    """
    from pipelines.registry.shops import ShopRegistry

    shop = ShopRegistry(Settings()).change(shop_key, name=name)
    typer.echo(f"{shop.shop_key} is now called {shop.name}. Next: koujing run")


@shop_app.command("disable")
def disable_shop(
    shop_key: Annotated[str, typer.Argument(help="The shop's key.")],
) -> None:
    """Stop expecting data from a shop. Its numbers stay.

    Example: koujing shop disable tmall-old
    """
    from pipelines.registry.shops import ShopRegistry

    shop = ShopRegistry(Settings()).change(shop_key, status="disabled")
    typer.echo(f"{shop.shop_key} is disabled; what it sold stays in the numbers. Next: koujing run")
