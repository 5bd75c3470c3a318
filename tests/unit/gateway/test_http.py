"""The HTTP client against a real server on the loopback: what it sends, what it takes as answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipelines.gateway import errors
from pipelines.gateway.http import Call, HttpTransport
from pipelines.settings import SHANGHAI

JSON = {"content-type": "application/json"}


@dataclass
class Server:
    """Answers as it is told, and keeps what it was asked."""

    url: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    body: bytes = b"{}"
    length: int | None = None  # what it promises, where it breaks its word
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            names = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((self.command, self.path, names, self.rfile.read(size)))
            told.connections.add(self.client_address)
            self.send_response_only(told.status)
            length = len(told.body) if told.length is None else told.length
            for name, value in {"content-length": str(length), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told.body)
            if told.length is not None:
                self.close_connection = True

        do_GET = do_POST = do_HEAD = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        told.url = f"http://127.0.0.1:{listening.server_port}"
        yield told
        listening.shutdown()
        thread.join()


def test_a_call_arrives_as_it_was_made_ready(server: Server) -> None:
    with HttpTransport() as transport:
        call = Call("POST", "/router", {"sign": "a b&ü"}, {"content-type": "text/x"}, b"raw=1")
        assert transport.send(server.url + "/", call) == b"{}"
        transport.send(server.url, Call("GET", "/list", {"page": "1"}))
        transport.send(server.url, Call("POST", "/nothing"))
    (verb, path, names, body), listed, empty = server.asked
    assert (verb, path, body) == ("POST", "/router?sign=a%20b%26%C3%BC", b"raw=1")
    assert names["content-type"] == "text/x"
    assert "expect" not in names
    assert listed[:2] == ("GET", "/list?page=1")
    assert (empty[0], empty[2]["content-length"], empty[3]) == ("POST", "0", b"")
    assert "content-type" not in empty[2]


def test_connections_are_kept_and_threads_have_their_own(server: Server) -> None:
    with HttpTransport() as transport:
        for _ in range(5):
            transport.send(server.url, Call("GET", "/"))
        assert len(server.connections) == 1
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: transport.send(server.url, Call("GET", "/")), range(40)))
    assert len(server.asked) == 45
    assert len(server.connections) <= 5


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Server(status=502, body=b"<html>"), errors.PlatformBusy),
        (Server(status=429, headers={"retry-after": "7"}), errors.Throttled),
        (Server(headers={"content-type": "text/html"}, body=b"<html>"), errors.MalformedAnswer),
        (Server(body=b'{"code":10000,"da'), errors.MalformedAnswer),
        (Server(body=b'{"code":', length=500), errors.Unreachable),
    ],
    ids=["502", "429", "html", "half", "reset"],
)
def test_answers_that_are_none(server: Server, answer: Server, kind: type[Exception]) -> None:
    server.status, server.headers = answer.status, answer.headers
    server.body, server.length = answer.body, answer.length
    with HttpTransport() as transport, pytest.raises(kind) as failed:
        transport.send(server.url, Call("POST", "/y", {"sign": "abc"}))
    assert "abc" not in str(failed.value)
    if isinstance(failed.value, errors.Throttled):
        assert failed.value.after == 7


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with HttpTransport() as transport:
            transport.probe(address)  # silence is no failure
            with pytest.raises(errors.Unreachable, match=r"127\.0\.0\.1"):
                transport.send(address, Call("GET", "/"))


def test_only_the_web_is_asked(tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = tmp_path_factory.mktemp("kept") / "secret.json"
    kept.write_text("{}")
    with HttpTransport() as transport, pytest.raises(errors.Unreachable):
        transport.send(f"file://{kept.parent}", Call("GET", "/secret.json"))


def test_a_file_need_not_be_json(server: Server) -> None:
    server.headers, server.body = {"content-type": "application/zip"}, b"PK\x03\x04"
    with HttpTransport() as transport:
        assert transport.send(server.url, Call("GET", "/bill", is_file=True)) == b"PK\x03\x04"


def test_the_platform_s_clock_is_the_one_that_counts(server: Server) -> None:
    with HttpTransport() as transport:
        for day in ("14", "13"):  # an answer that was on its way for long turns nothing back
            server.headers = {**JSON, "date": f"Sat, {day} Nov 2026 12:00:00 GMT"}
            transport.send(server.url, Call("POST", "/y"))
        assert transport.now(server.url) == datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
