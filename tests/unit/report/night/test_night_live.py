"""The live page: to browsers of this machine alone, read only, bounded, and it ends."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from redactfuzz.report.night import live
from redactfuzz.report.night.live import READERS, Server, Version

PAGE = "<h1>night</h1>"


class Shown:
    """What the server shows."""

    def __init__(self) -> None:
        self.version: Version = (1,)
        self.made = 0
        self.fails = False

    def page(self) -> str:
        self.made += 1
        if self.fails:
            raise OSError("the folder is gone: /secret/place")
        return f"{PAGE}{self.version}"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    monkeypatch.setattr(live, "_PERIOD", 0.05)
    monkeypatch.setattr(live, "_HEARTBEAT", 2)
    return Shown()


@pytest.fixture
def server(shown: Shown) -> Iterator[Server]:
    server = Server(0, lambda: shown.version, shown.page)
    with server.running():
        yield server


def ask(server: Server, path: str = "/", method: str = "GET", **headers: str) -> HTTPResponse:
    connection = HTTPConnection(live.HOST, server.port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=given)
    return connection.getresponse()


def raw(server: Server, request: bytes) -> bytes:
    with socket.create_connection((live.HOST, server.port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_it_listens_on_loopback_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_the_page_is_made_once_for_each_version(server: Server, shown: Shown) -> None:
    assert ask(server).read() == b"<h1>night</h1>(1,)"
    assert ask(server).read() == b"<h1>night</h1>(1,)"
    assert shown.made == 1
    shown.version = (2,)
    assert ask(server).read() == b"<h1>night</h1>(2,)"
    assert shown.made == 2


def test_no_other_page_may_frame_or_keep_or_guess_it(server: Server) -> None:
    headers = ask(server).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/", "/events"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": "evil.example:{port}"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=lambda headers: " ".join(f"{name} {value}" for name, value in headers.items()),
)
def test_what_others_ask_for_is_refused(server: Server, shown: Shown, path: str, headers: dict[str, str]) -> None:
    given = {name: value.format(port=server.port) for name, value in headers.items()}
    answer = ask(server, path, **given)
    assert answer.status == 403
    assert b"night" not in answer.read()
    assert shown.made == 0


def test_no_host_and_two_hosts_are_refused(server: Server) -> None:
    ours = f"Host: 127.0.0.1:{server.port}\r\n".encode()
    assert raw(server, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 403")
    assert raw(server, b"GET / HTTP/1.1\r\n" + ours + b"Host: evil.example\r\n\r\n").startswith(b"HTTP/1.0 403")
    assert raw(server, b"GET / HTTP/1.1\r\n" + ours + b"\r\n").startswith(b"HTTP/1.0 200")


@pytest.mark.parametrize("name", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_by_its_own_names_it_answers(server: Server, name: str) -> None:
    name = name.format(port=server.port)
    assert ask(server, Host=name, Origin=f"http://{name}", Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "CONNECT", "night"])
def test_there_is_nothing_to_change(server: Server, shown: Shown, method: str) -> None:
    answer = ask(server, "/", method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"
    assert shown.made == 0


@pytest.mark.parametrize("path", ["/../etc/passwd", "/0001.jsonl", "/?x", "/<script>"])
def test_there_is_nothing_else(server: Server, path: str) -> None:
    answer = ask(server, path)
    assert answer.status == 404
    assert b"script" not in answer.read()


@pytest.mark.parametrize(
    "request_", [b"\x16\x03\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / " + b"x" * 70_000]
)
def test_what_is_no_request_is_refused(server: Server, request_: bytes) -> None:
    said = raw(server, request_)
    assert b"night" not in said
    assert ask(server).status == 200


def test_a_page_that_cannot_be_made_says_so_and_no_more(server: Server, shown: Shown) -> None:
    shown.fails = True
    answer = ask(server)
    assert answer.status == 500
    assert answer.read() == b"The page cannot be made: OSError.\n"
    shown.fails = False
    assert ask(server).status == 200


def lines(answer: HTTPResponse, ends: str) -> list[str]:
    """What is sent up to a line that begins so."""
    found = []
    while not (line := answer.readline().decode()).startswith(ends):
        assert line, "it ended before"
        found.append(line)
    return [*found, line]


def test_who_stays_is_told_of_each_new_version(server: Server, shown: Shown) -> None:
    answer = ask(server, "/events")
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert lines(answer, "data:")[-2:] == ["event: changed\n", "data: 1\n"]  # it may have changed on the way
    shown.version = (2,)
    assert lines(answer, "data:")[-1] == "data: 2\n"
    assert ": still here\n" in lines(answer, ":")


def test_no_more_than_so_many_stay_and_a_place_that_is_left_is_given_again(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        staying = [stack.enter_context(contextlib.closing(ask(server, "/events"))) for _ in range(READERS)]
        assert {each.status for each in staying} == {200}
        assert ask(server, "/events").status == 503
        assert ask(server).status == 200
    until = time.monotonic() + 20
    status = 503
    while status != 200 and time.monotonic() < until:
        with contextlib.closing(ask(server, "/events")) as answer:
            status = answer.status
        time.sleep(0.05)
    assert status == 200


def test_who_connects_and_says_nothing_does_not_keep_others_out_for_ever(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live._Handler, "timeout", 0.2)
    silent = [socket.create_connection((live.HOST, server.port), timeout=10) for _ in range(live._CONNECTIONS + 10)]
    until = time.monotonic() + 20
    answered = False
    while not answered and time.monotonic() < until:
        with contextlib.suppress(OSError):
            answered = b"200" in raw(server, f"GET / HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        time.sleep(0.05)
    for each in silent:
        each.close()
    assert answered


def test_it_ends_at_once_though_somebody_stays(shown: Shown) -> None:
    server = Server(0, lambda: shown.version, shown.page)
    began = time.monotonic()
    with server.running():
        answer = ask(server, "/events")
        assert answer.status == 200
        threads = threading.active_count()
        began = time.monotonic()
    assert time.monotonic() - began < 5
    until = time.monotonic() + 10
    while threading.active_count() >= threads and time.monotonic() < until:
        time.sleep(0.02)
    assert threading.active_count() < threads
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((live.HOST, server.port), timeout=5)


def test_a_port_that_is_taken_is_an_error(server: Server, shown: Shown) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(server.port, lambda: shown.version, shown.page)
