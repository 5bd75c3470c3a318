"""The door: login, session cookie, and the headers that every answer carries.

Everything but the login page, its style and ``/healthz`` needs a session. A session names its user
and a digest of the password hash, so a new password or a removed user ends it at once.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import flask
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from dashboards.query import Scope
from pipelines.errors import KoujingError
from pipelines.registry.users import LoginThrottle, User, UserRegistry
from pipelines.settings import Settings

OPEN_PATHS = frozenset({"/login", "/healthz", "/theme.css", "/assets/koujing.css"})
SESSION_HOURS = 12
TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 30


class SessionUser(UserMixin):  # type: ignore[misc]  # flask_login is untyped
    """A signed-in user, read afresh from the registry for every request."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        """The name and the password's digest."""
        return f"{self.user.name}:{_digest(self.user)}"

    @property
    def scope(self) -> Scope:
        """What this user may see."""
        return Scope(frozenset(self.user.channels), frozenset(self.user.shops))


def signed_in() -> SessionUser:
    """The user of this request.

    Raises:
        KoujingError: Nobody is signed in; the guard lets no such request through.
    """
    user = current_user._get_current_object()
    if not isinstance(user, SessionUser):
        raise KoujingError("请先登录。", "打开 /login 登录后再试。")
    return user


def session_key(settings: Settings) -> bytes:
    """The key that signs session cookies, made on the first call (file mode 0600).

    Raises:
        KoujingError: The key file can be read by others.
    """
    path: Path = settings.registry_dir / "session.key"
    if not path.exists():
        settings.registry_dir.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was quicker: use its key
            return session_key(settings)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    if path.stat().st_mode & 0o077:
        raise KoujingError(f"The key file {path} is open to others.", f"Run: chmod 600 {path}")
    return path.read_bytes().strip()


def csrf_token() -> str:
    """The session's form token, made on the first call."""
    if "csrf" not in flask.session:
        flask.session["csrf"] = secrets.token_urlsafe(32)
    return str(flask.session["csrf"])


def local_path(target: str | None) -> str:
    r"""A path on this server to go on to after login; anything else becomes ``/``.

    Browsers read ``//host``, ``/\host`` and control characters as ways to another host.
    """
    target = target or "/"
    parts = urlsplit(target)
    is_local = (
        target.startswith("/")
        and not target.startswith("//")
        and not parts.scheme
        and not parts.netloc
        and "\\" not in target
        and target.isprintable()
    )
    return target if is_local and not parts.path.startswith("/login") else "/"


def guard(server: flask.Flask, settings: Settings) -> None:
    """Put the door before a server: login, logout, the check of every request, safe cookies."""
    server.secret_key = session_key(settings)
    server.config.update(
        SESSION_COOKIE_NAME="koujing_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        MAX_CONTENT_LENGTH=1_000_000,
    )
    door = _Door(UserRegistry(settings))
    manager = LoginManager(server)
    manager.session_protection = "basic"
    manager.user_loader(door.load)
    server.before_request(door.check)
    server.add_url_rule("/login", view_func=door.login, methods=["GET", "POST"])
    server.add_url_rule("/logout", view_func=door.logout, methods=["POST"])


class _Door:
    def __init__(self, users: UserRegistry) -> None:
        self._users = users
        self._by_name = LoginThrottle(TRIES_PER_NAME)
        self._by_address = LoginThrottle(TRIES_PER_ADDRESS)

    def load(self, session_id: str) -> SessionUser | None:
        """The session's user, unless removed or given a new password since."""
        name, _, digest = session_id.rpartition(":")
        user = self._users.get(name)
        if user is None or not _same(digest, _digest(user)):
            return None
        return SessionUser(user)

    def check(self) -> ResponseReturnValue | None:
        """Send whoever is not signed in to the login page; answer scripts with 401."""
        request = flask.request
        if request.path in OPEN_PATHS or current_user.is_authenticated:
            return None
        wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if not wants_page:
            return flask.jsonify(error="请先登录。"), 401
        here = request.full_path if request.query_string else request.path
        return flask.redirect(flask.url_for("login", next=local_path(here)))

    def login(self) -> ResponseReturnValue:
        """Show the form, or try a name and a password."""
        if flask.request.method == "GET":
            if current_user.is_authenticated:
                return flask.redirect(local_path(flask.request.args.get("next")))
            return self._form("")
        form = flask.request.form
        if not _same(form.get("csrf", ""), csrf_token()):
            return self._form("登录页已过期，请再试一次。", 400)
        name, address = form.get("name", "").strip(), flask.request.remote_addr or ""
        keys = ((self._by_name, f"{name}@{address}"), (self._by_address, address))
        wait = max(throttle.wait_seconds(key) for throttle, key in keys)
        if wait:
            return self._form(f"失败次数过多，请 {-(-wait // 60)} 分钟后再试。", 429)
        user = self._users.verified(name, form.get("password", ""))
        if user is None:
            for throttle, key in keys:
                throttle.failed(key)
            return self._form("用户名或密码不对。", 401)
        self._by_name.succeeded(keys[0][1])
        flask.session.clear()  # a session that somebody planted before the login is worth nothing
        flask.session.permanent = True
        login_user(SessionUser(user))
        return flask.redirect(local_path(form.get("next")))

    def logout(self) -> ResponseReturnValue:
        """End the session; the form token keeps other sites from doing it."""
        if _same(flask.request.form.get("csrf", ""), csrf_token()):
            logout_user()
            flask.session.clear()
        return flask.redirect("/login")

    @staticmethod
    def _form(problem: str, status: int = 200) -> ResponseReturnValue:
        target = flask.request.form.get("next") or flask.request.args.get("next")
        page = flask.render_template(
            "login.html",
            problem=problem,
            csrf=csrf_token(),
            next=local_path(target),
            name=flask.request.form.get("name", ""),
        )
        return page, status


def secure(server: flask.Flask, script_hashes: list[str]) -> None:
    """Give every answer the headers that keep a browser from doing what the pages never need.

    Args:
        server: The server.
        script_hashes: CSP sources of Dash's own inline scripts.
    """
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes)}",
            # Ant Design and Plotly write style elements and attributes at run time.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )

    @server.after_request
    def headers(response: flask.Response) -> flask.Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if not flask.request.path.startswith(("/assets/", "/_dash-component-suites/")):
            response.headers["Cache-Control"] = "no-store"
        return response


def _digest(user: User) -> str:
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:24]


def _same(given: str, expected: str) -> bool:
    """Compare in constant time; bytes, since ``compare_digest`` refuses text that is not ASCII."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
