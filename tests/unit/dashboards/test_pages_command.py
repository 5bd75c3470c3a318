from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from pipelines.commands.pages import dashboard, make_first_user, user_app
from pipelines.errors import KoujingError, UsageError
from pipelines.registry.users import UserRegistry
from pipelines.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KOUJING_HOME", str(settings.home))
    app = typer.Typer()
    app.command()(dashboard)
    app.add_typer(user_app, name="user")
    return lambda *arguments, text="": CliRunner().invoke(app, list(arguments), input=text)


def test_the_first_user_is_a_manager_with_a_password_shown_once(settings: Settings) -> None:
    password = make_first_user(settings)

    admin = UserRegistry(settings).verified("admin", password)
    assert admin is not None
    assert admin.role == "manager"
    assert make_first_user(settings) == ""


def test_a_user_is_added_scoped_and_removed(run: Run, settings: Settings) -> None:
    added = run(
        "user", "add", "li.na", "--role", "shop_operator", "--shop", "tmall-demo",
        text="a long enough password\n",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    assert "shops tmall-demo" in added.output
    assert "not registered yet" in added.output
    user = UserRegistry(settings).verified("li.na", "a long enough password")
    assert user is not None
    assert user.shops == ("tmall-demo",)

    run("user", "set", "li.na", "--everything")
    assert "everything" in run("user", "list").output

    run("user", "remove", "li.na")
    assert UserRegistry(settings).all() == []


def test_a_new_password_replaces_the_old_one(run: Run, settings: Settings) -> None:
    UserRegistry(settings).add("li.na", "the first password", "analyst")

    run("user", "set-password", "li.na", text="the second password\n")

    users = UserRegistry(settings)
    assert users.verified("li.na", "the first password") is None
    assert users.verified("li.na", "the second password") is not None


def test_a_password_for_nobody_is_refused_by_name(run: Run) -> None:
    refused = run("user", "set-password", "nobody", text="a long enough password\n")

    assert isinstance(refused.exception, UsageError)
    assert "nobody" in refused.exception.message


def test_a_taken_port_is_said_before_anything_starts(run: Run, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = run("dashboard", "--port", str(port))

    assert isinstance(refused.exception, KoujingError)
    assert f"127.0.0.1:{port}" in refused.exception.message
    assert "--port" in refused.exception.hint
    assert UserRegistry(settings).all() == []
