"""Production and debugging: two network namespaces and one cable, or, where that is not allowed, two folders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

_SECONDS = 30.0
_FILTER = """
table inet isolation {
    chain input {
        type filter hook input priority 0; policy drop;
        iif "lo" accept
        ct state established,related accept
    }
}
"""
"""Into production comes what answers production, and nothing that somebody else has begun."""


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
    """Joined by one cable, over which the export job goes; nothing of them is left afterwards, but where the process is
    killed: then until the next one comes.

    In place of an error there is a reason: without leave to make namespaces both sides are one network.
    """
    why_not = _reason()
    if why_not:
        here = Network("", "127.0.0.1")
        yield TwoNetworks(here, here, why_not)
        return
    _sweep()
    number = os.getpid()
    production = Network(f"rf-{number}-production", "10.97.0.1")
    debugging = Network(f"rf-{number}-debugging", "10.97.0.2")
    try:
        _ip("netns", "add", production.namespace)
        _ip("netns", "add", debugging.namespace)
        _run(*production.command("nft", "-f", "-"), text=_FILTER)  # before there is a cable
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
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            return f"there is no {program}: on Debian, apt-get install {package}"
    if os.geteuid() != 0:
        return "only root may make network namespaces here"
    name = f"rf-{os.getpid()}-trial"
    try:
        _ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        return f"ip netns add: {error.stderr.strip()}"
    try:
        _run(*Network(name, "").command("nft", "-f", "-"), text=_FILTER)
    except subprocess.CalledProcessError as error:
        return f"nft: {error.stderr.strip()}"
    finally:
        _ip("netns", "delete", name)
    return ""


def _sweep() -> None:
    """Takes away the namespaces of processes that are gone."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, timeout=_SECONDS, check=True)
    for line in listed.stdout.splitlines():
        found = re.match(r"rf-(\d+)-(production|debugging|trial)\b", line)
        if found and not Path("/proc", found[1]).exists():
            _ip("netns", "delete", found[0])


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*words: str, text: str = "") -> None:
    subprocess.run(words, input=text, text=True, capture_output=True, timeout=_SECONDS, check=True)


def reaches(side: Network, address: str, port: int, python: Sequence[str]) -> bool:
    """Whether somebody on ``side`` can connect there."""
    program = f"import socket; socket.create_connection(({address!r}, {port}), 2)"
    done = subprocess.run(
        side.command(*python, "-c", program), capture_output=True, timeout=_SECONDS, check=False
    )
    return done.returncode == 0
