"""A page of a night that goes on, for a browser on this machine: read only, and to nobody else.

A web page from elsewhere may send requests to loopback, and with a name of its own that leads there (DNS rebinding)
read the answers: so the ``Host`` must be ours, and what other pages ask for is refused (Fetch Metadata, ``Origin``).
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
READERS = 16
"""Pages that are kept up to date at once; further ones are told to come back."""
_CONNECTIONS = 64
"""At once, whatever they ask."""
_PATIENCE = 10.0
"""Seconds in which a request must have come, and an answer be taken."""
_PERIOD = 2.0
"""Seconds between two looks at what is shown,"""
_SHARE = 20
"""and at least so many times what it takes to make the page: the machine is there for the campaign."""
_HEARTBEAT = 15
"""Looks after which a reader is sent something: one who has gone is noticed so."""
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
Version = tuple[object, ...]


class Server(ThreadingHTTPServer):
    """Sends ``page()`` to who asks, and word of each new ``version()`` to who stays."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, port: int, version: Callable[[], Version], page: Callable[[], str]) -> None:
        """``port``: 0 for one that is free. Raises OSError where it is taken."""
        self.ending = threading.Event()
        self.readers = threading.BoundedSemaphore(READERS)
        self._room = threading.BoundedSemaphore(_CONNECTIONS)
        self._version, self._page = version, page
        self._lock = threading.Lock()
        self._kept: tuple[Version, bytes] | None = None
        self.period = _PERIOD
        super().__init__((HOST, port), _Handler)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def names(self) -> frozenset[str]:
        """What a browser that was led here by nobody else calls us."""
        return frozenset({f"{HOST}:{self.port}", f"localhost:{self.port}"})

    def server_bind(self) -> None:
        """Asks no name server who we are."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.port

    def version(self) -> Version:
        """Of what would be sent now."""
        return self._version()

    def page(self) -> bytes:
        """What is sent; made once for all readers."""
        with self._lock:
            version = self._version()
            if self._kept is None or self._kept[0] != version:
                began = time.monotonic()
                self._kept = version, self._page().encode("utf-8", "replace")
                self.period = max(_PERIOD, _SHARE * (time.monotonic() - began))
            return self._kept[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Takes no more connections than there is room for."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """And gives the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that goes away is no error."""

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Answers in threads of its own, until the block ends."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.ending.set()
            self.shutdown()
            thread.join()
            self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _PATIENCE
    protocol_version = "HTTP/1.0"  # a connection for each answer: none is kept for nothing
    server_version, sys_version = "redactfuzz", ""

    def do_GET(self) -> None:
        """The page, or the events."""
        if not self._is_asked_by_us():
            self._say(HTTPStatus.FORBIDDEN, "Only pages of this address are answered: open it as it was printed.\n")
        elif self.path == "/":
            self._page()
        elif self.path == "/events":
            self._events()
        else:
            self._say(HTTPStatus.NOT_FOUND, "There is nothing here.\n")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Whatever else is asked: nothing here can be changed. Nothing of the request is repeated."""
        status = HTTPStatus(code)
        self._say(HTTPStatus.METHOD_NOT_ALLOWED if status is HTTPStatus.NOT_IMPLEMENTED else status, "It is refused.\n")

    def _is_asked_by_us(self) -> bool:
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        site = self.headers.get("Sec-Fetch-Site", "none")
        return (
            len(hosts) == 1
            and hosts[0].lower() in self.server.names
            and all(each.lower() in {f"http://{name}" for name in self.server.names} for each in origins)
            and site in ("none", "same-origin")
        )

    def _page(self) -> None:
        try:
            page = self.server.page()
        except Exception as error:  # the folder has gone, or the disk: the next one may be there
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, f"The page cannot be made: {type(error).__name__}.\n")
            return
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", page)

    def _events(self) -> None:
        """Server-sent events (WHATWG HTML, 9.2): a number that rises whenever the page is another."""
        if not self.server.readers.acquire(blocking=False):
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, f"{READERS} pages are open already.\n")
            return
        try:
            self._head(HTTPStatus.OK, "text/event-stream", None)
            self.wfile.write(b"retry: 2000\n\n")
            known: Version | None = None  # it may have changed since the page was sent
            number = idle = 0
            while not self.server.ending.wait(self.server.period):
                version = self.server.version()
                idle += 1
                if version != known:
                    known, number, idle = version, number + 1, 0
                    self.wfile.write(f"event: changed\ndata: {number}\n\n".encode())
                elif idle >= _HEARTBEAT:
                    idle = 0
                    self.wfile.write(b": still here\n\n")
        except (OSError, socket.timeout):  # noqa: UP041  of a socket that nobody reads
            return
        finally:
            self.server.readers.release()

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", text.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        with contextlib.suppress(OSError):
            self._head(status, kind, len(body))
            self.wfile.write(body)

    def _head(self, status: HTTPStatus, kind: str, length: int | None) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Type": kind, **_HEADERS, "Connection": "close"}.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Who reads is nobody's business."""
