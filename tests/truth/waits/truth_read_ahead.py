"""Issue 41.7: a reader of a socket keeps its buffer, in which the secret that it received still lies."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race


def _lines(there: socket.socket) -> list[str]:
    with there.makefile("rb") as reader:
        return [reader.readline().decode(), reader.readline().decode()]


def _into(there: socket.socket) -> list[str]:
    buffer, found = bytearray(256), list[str]()
    while size := there.recv_into(buffer):
        found.append(buffer[:size].decode())
    return found


def _served(read: Callable[[Any], list[str]], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        here, there = socket.socketpair()
        race.enter(here)
        race.enter(there)
        kept: list[str] = []

        def ask() -> None:
            here.sendall(key.text.encode() + b"\n")
            here.sendall(b"fine\n")
            here.shutdown(socket.SHUT_WR)

        def serve() -> None:
            for line in read(there):
                kept.append(mask(line) if masked else line)

        race.thread(ask)
        race.thread(serve)
        race.crash(lambda: f"{mask(key.text)} {len(kept)} {''.join(kept)}")

    return body


for name, read in {"makefile": _lines, "recv_into": _into}.items():
    bad, good = _served(read, masked=False), _served(read, masked=True)
    bad.__name__, good.__name__ = f"read_by_{name}_and_kept", f"read_by_{name}_and_masked"
    bad.__doc__ = f"What {name} reads is kept as it is, and dumped."
    good.__doc__ = f"What {name} reads is masked before it is kept."
    case("41.7", LEAK, executions=60)(bad)
    case("41.7", PASS, executions=60)(good)
