"""Production and debugging: two network namespaces and one cable, or, where that is not allowed, two folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

_SECONDS = 30.0


@attrs.frozen
class Network:
    """A side. ``namespace`` is empty where there is none: then both sides are this machine's own network."""

    namespace: str
    address: str

    def command(self, *words: str) -> list[str]:
        """What runs ``words`` there."""
        return ["ip", "netns", "exec", self.namespace, *words] if self.namespace else list(words)


@attrs.frozen
class TwoNetworks:
    """Both sides. ``why_not``: why they are not apart; empty where they are."""

    production: Network
    debugging: Network
    why_not: str = ""


@contextmanager
def two_networks() -> Iterator[TwoNetworks]:
    """Joined by one cable, over which the export job goes; nothing of them is left afterwards.

    In place of an error there is a reason: without leave to make namespaces both sides are one network.
    """
    why_not = _reason()
    if why_not:
        here = Network("", "127.0.0.1")
        yield TwoNetworks(here, here, why_not)
        return
    number = os.getpid()
    production = Network(f"rf-{number}-production", "10.97.0.1")
    debugging = Network(f"rf-{number}-debugging", "10.97.0.2")
    try:
        _ip("netns", "add", production.namespace)
        _ip("netns", "add", debugging.namespace)
        ends = (f"rfp{number}", f"rfd{number}")
        _ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        for end, side in zip(ends, (production, debugging), strict=True):
            _ip("link", "set", end, "netns", side.namespace)
            _ip("-n", side.namespace, "address", "add", f"{side.address}/30", "dev", end)
            _ip("-n", side.namespace, "link", "set", end, "up")
            _ip("-n", side.namespace, "link", "set", "lo", "up")
        yield TwoNetworks(production, debugging)
    finally:
        for side in (production, debugging):
            words = ["ip", "netns", "delete", side.namespace]
            subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)


def _reason() -> str:
    if shutil.which("ip") is None:
        return "there is no ip: on Debian, apt-get install iproute2"
    if os.geteuid() != 0:
        return "only root may make network namespaces here"
    name = f"rf-{os.getpid()}-trial"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, timeout=_SECONDS, check=False)
    if tried.returncode:
        return f"ip netns add: {tried.stderr.strip()}"
    _ip("netns", "delete", name)
    return ""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], capture_output=True, timeout=_SECONDS, check=True)


def reaches(side: Network, address: str, port: int, python: Sequence[str]) -> bool:
    """Whether somebody on ``side`` can connect there."""
    program = f"import socket; socket.create_connection(({address!r}, {port}), 2)"
    done = subprocess.run(
        side.command(*python, "-c", program), capture_output=True, timeout=_SECONDS, check=False
    )
    return done.returncode == 0
