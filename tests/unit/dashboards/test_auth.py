from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboards.auth import local_path, session_key
from pipelines.errors import KoujingError, UsageError
from pipelines.registry.users import LoginThrottle, UserRegistry
from pipelines.settings import Settings
from tests.unit.dashboards.conftest import PASSWORD, Visitor

HTML = {"Accept": "text/html"}


def test_a_page_asks_for_login_and_comes_back_to_its_filters(
    visit: Callable[[str], Visitor],
) -> None:
    nobody = visit("")

    answer = nobody.client.get("/?shop=dy-demo", headers=HTML)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/?shop%3Ddy-demo"

    answer = nobody.login("boss", next="/?shop=dy-demo")
    assert answer.headers["Location"] == "/?shop=dy-demo"


@pytest.mark.parametrize("path", ["/_dash-layout", "/_dash-dependencies", "/download/overview.csv"])
def test_scripts_and_downloads_need_a_login_too(visit: Callable[[str], Visitor], path: str) -> None:
    assert visit("").client.get(path).status_code == 401


def test_figures_need_a_login(visit: Callable[[str], Visitor]) -> None:
    answer = visit("").post_show("")

    assert answer.status_code == 401
    assert "16,000" not in answer.get_data(as_text=True)


def test_health_is_open_and_names_the_version(visit: Callable[[str], Visitor]) -> None:
    answer = visit("").client.get("/healthz")

    assert answer.get_json() == {"status": "ok", "version": "v20261122.013005"}


def test_a_wrong_password_and_an_unknown_name_look_alike(visit: Callable[[str], Visitor]) -> None:
    wrong = visit("").login("boss", "not the password")
    unknown = visit("").login("nobody", "not the password")

    assert wrong.status_code == unknown.status_code == 401
    assert "用户名或密码不对" in wrong.get_data(as_text=True)
    assert "用户名或密码不对" in unknown.get_data(as_text=True)


def test_after_five_failures_even_the_right_password_waits(
    visit: Callable[[str], Visitor],
) -> None:
    visitor = visit("")
    for _ in range(5):
        assert visitor.login("boss", "wrong password").status_code == 401

    answer = visitor.login("boss")

    assert answer.status_code == 429
    assert "请 15 分钟后再试" in answer.get_data(as_text=True)
    assert visitor.login("tmall").status_code == 302


def test_the_lock_ends_with_its_window() -> None:
    now = [0.0]
    throttle = LoginThrottle(limit=2, window_seconds=60, clock=lambda: now[0])
    throttle.failed("boss@::1")
    assert throttle.wait_seconds("boss@::1") == 0
    throttle.failed("boss@::1")
    assert throttle.wait_seconds("boss@::1") == 60

    now[0] = 61

    assert throttle.wait_seconds("boss@::1") == 0


def test_the_throttle_keeps_a_bounded_number_of_keys() -> None:
    throttle = LoginThrottle(limit=1, keys_kept=2)
    for key in ("a", "b", "c"):
        throttle.failed(key)

    assert [throttle.wait_seconds(key) > 0 for key in ("a", "b", "c")] == [False, True, True]


@pytest.mark.parametrize("token", ["", "forged", "ключ"])
def test_a_login_form_from_elsewhere_is_refused(
    visit: Callable[[str], Visitor], token: str
) -> None:
    visitor = visit("")

    assert visitor.login("boss", csrf=token).status_code == 400
    assert visitor.client.get("/_dash-layout").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "/login?next=/login",
        "",
        None,
    ],
)
def test_login_leads_only_to_this_server(target: str | None) -> None:
    assert local_path(target) == "/"


def test_a_local_path_keeps_its_query() -> None:
    assert local_path("/?shop=dy-demo&from=2026-11-01") == "/?shop=dy-demo&from=2026-11-01"


def test_a_new_password_ends_open_sessions(visit: Callable[[str], Visitor], home: Settings) -> None:
    boss = visit("boss")
    assert boss.client.get("/_dash-layout").status_code == 200

    UserRegistry(home).change("boss", password="another long password")

    assert boss.client.get("/_dash-layout").status_code == 401


def test_a_removed_user_is_out_at_once(visit: Callable[[str], Visitor], home: Settings) -> None:
    boss = visit("boss")

    UserRegistry(home).remove("boss")

    assert boss.client.get("/_dash-layout").status_code == 401


def test_logging_out_needs_the_form_token(visit: Callable[[str], Visitor]) -> None:
    boss = visit("boss")
    boss.client.post("/logout", data={"csrf": "forged"})
    assert boss.client.get("/_dash-layout").status_code == 200

    with boss.client.session_transaction() as session:
        token = session["csrf"]
    boss.client.post("/logout", data={"csrf": token})

    assert boss.client.get("/_dash-layout").status_code == 401


def test_the_cookie_is_for_this_site_and_no_script(visit: Callable[[str], Visitor]) -> None:
    cookie = visit("").login("boss").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_every_answer_carries_the_safe_headers(visit: Callable[[str], Visitor]) -> None:
    headers = visit("").client.get("/login").headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script


def test_the_session_key_is_made_once_and_for_its_owner_only(settings: Settings) -> None:
    key = session_key(settings)
    path = settings.registry_dir / "session.key"

    assert len(key) >= 32
    assert session_key(settings) == key
    assert path.stat().st_mode & 0o777 == 0o600

    path.chmod(0o644)
    with pytest.raises(KoujingError, match="open to others"):
        session_key(settings)


def test_a_password_is_kept_only_as_a_hash(home: Settings) -> None:
    stored = UserRegistry(home).get("boss")

    assert stored is not None
    assert stored.password_hash.startswith("$argon2id$")
    assert PASSWORD not in stored.password_hash
    assert PASSWORD.encode() not in (home.registry_dir / "registry.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("name", "password", "role", "said"),
    [
        ("boss", PASSWORD, "manager", "there already"),
        ("no spaces", PASSWORD, "manager", "cannot be a user name"),
        ("new", "short", "manager", "10 to 200"),
        ("new", PASSWORD, "king", "not a role"),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    home: Settings, name: str, password: str, role: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        UserRegistry(home).add(name, password, role)
