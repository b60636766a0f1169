"""Writes the lines of a PEM as logs, terminals, pages and patches do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

Form = Callable[[list[str]], str]


def _each(form: Callable[[int, str], str]) -> Form:
    return lambda lines: "\n".join(form(number, line) for number, line in enumerate(lines)) + "\n"


def _hash(number: int, size: int) -> str:
    return (hashlib.sha256(b"%d" % number).hexdigest() * 2)[:size]


def _folded(width: int) -> Form:
    def form(lines: list[str]) -> str:
        written = [f"Nov 28 20:00:01 host app[123]: {line}" for line in lines]
        return "\n".join(line[at : at + width] for line in written for at in range(0, len(line), width)) + "\n"

    return form


def _narrow(lines: list[str]) -> str:
    body = "".join(lines[1:-1])
    parts = [lines[0], *(body[at : at + 16] for at in range(0, len(body), 16)), lines[-1]]
    return "\n".join(f"2026-11-28 app: {part}" for part in parts)


def _html(number: int, line: str) -> str:
    return f'<span id="LC{number}" class="line">{line.replace("+", "&#43;").replace("/", "&#x2F;")}</span>'


AROUND: dict[str, Form] = {
    "coloured": _each(lambda _, line: f"\x1b[32m{line}\x1b[0m"),
    "coloured, the escape written out": _each(lambda _, line: f"\\x1b[1;32m{line}\\x1b[0m"),
    "a container's colour without a blank": _each(lambda _, line: f"\x1b[36mapp_1  |\x1b[0m{line}"),
    "a letter before each line": _each(lambda _, line: f"m{line}"),
    "blame": _each(lambda number, line: f"{_hash(number // 9, 40)} (A U Thor 2026-11-28 {number}) {line}"),
    "a trace of 64 digits": _each(lambda number, line: f"trace={_hash(number, 64)} {line}"),
    "an event of 56 digits": _each(lambda number, line: f"{int(_hash(number, 64), 16) % 10**56:056d} {line}"),
    "an event behind": _each(lambda number, line: f"{line} {_hash(number, 32)}"),
    "each line twice": _each(lambda _, line: f"out: {line}\nerr: {line}"),
    "each line thrice": _each(lambda _, line: f"a: {line}\nb: {line}\nc: {line}"),
    "another writer between": _each(lambda number, line: f"app: {line}\nfetch: sha256={_hash(number, 64)}"),
    "another writer's longer words": _each(lambda number, line: f"{line}\ntok={_hash(number, 80)}"),
    "a path before each line": _each(lambda _, line: f"svc/{line}"),
    "a page of HTML": _each(_html),
    "folded at 80 columns": _folded(80),
    "folded at 72 columns": _folded(72),
    "lines of 16 letters": _narrow,
    "a patch": _each(lambda _, line: f"+{line}"),
    "mail": _each(lambda _, line: f"> {line}"),
}
