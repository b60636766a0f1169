"""Hands out released dumps over HTTP, on loopback: to whom is on the disk before the first byte leaves."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import attrs
from access_records import AccessLog, OutOfOrder
from desk import WritesFirst
from record_chain import READ, RELEASED, REMOVED, Dump, Tampered

_SECONDS = 10.0
"""That one end waits for the other."""


@attrs.frozen
class DumpService:
    """Dumps in ``folder``, and the log of who had them."""

    folder: Path
    log: AccessLog
    clock: Callable[[], float] = time.time

    def release(self, name: str, data: bytes) -> int:
        """Puts a dump there to be read, and gives the number of its release. ``name``: one part of a path.

        Raises OutOfOrder where one of that name is there: who reads the one did not read the other.
        """
        number = self.log.write(self.clock(), "gate", Dump.of(name, data), RELEASED)
        part = self.folder / f".{name}"
        part.write_bytes(data)
        part.replace(self.folder / name)
        return number

    def remove(self, name: str) -> None:
        """Takes it away again: first the dump, then it is said. Raises LookupError where none of that name is there."""
        dump = self.log.there(name)
        if dump is None:
            raise LookupError(name)
        (self.folder / name).unlink(missing_ok=True)  # one that was ended in between is asked again
        self.log.write(self.clock(), "gate", dump, REMOVED)

    def hand_out(self, name: str, who: str, send: Callable[[bytes], object]) -> None:
        """Raises LookupError for a dump that is not there, and what ``AccessLog.write`` raises: then nothing leaves."""
        there = {each.name: each for each in self.folder.iterdir() if each.is_file() and not each.is_symlink()}
        data = there[name].read_bytes()
        desk = WritesFirst(lambda who, name: self.log.write(self.clock(), who, Dump.of(name, data), READ))
        desk.hand_out(who, name, data, send)


@contextmanager
def served(service: DumpService) -> Iterator[str]:
    """The address of a server that lives as long as the context."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            """``/dumps/NAME``, by whom ``X-User`` names. Somebody in front of us has made sure who that is, and lets no
            header of that name through."""
            said, name = self.headers.get_all("X-User", []), unquote(self.path.removeprefix("/dumps/"))
            if len(said) != 1 or not said[0]:
                self.send_error(HTTPStatus.UNAUTHORIZED, "nobody is named, or several are")
                return
            who = said[0].encode("latin-1").decode("utf-8", "replace")  # as http.server reads headers, and people write
            try:
                service.hand_out(name, who, self._send)
            except LookupError:
                self.send_error(HTTPStatus.NOT_FOUND, "no such dump")
            except (sqlite3.Error, OutOfOrder, Tampered):
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "the access log cannot be written: nothing leaves")

        def _send(self, data: bytes) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *values: object) -> None:
            """The access log is another one."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="dump service")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_SECONDS)
