"""Where in a dump something lies, as people read it: a line, or the path of a JSON value. Never the text itself."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable

from redactfuzz.dumps.readers.region import Nature, Path, Region

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_STEP = 1 << 20


def place(region: Region, offset: int, is_secret: Callable[[str], bool]) -> str:
    """``line 3``, ``$.extra.token``, ``line 2 $.message``; empty in binary data."""
    if region.path is not None:
        return path_text(region.path, is_secret)
    if region.nature is Nature.JSON:
        return path_text(path_at(bytes(region.data), offset), is_secret)
    if region.data.find(b"\0", 0, 4096) >= 0:
        return ""
    start = region.data.rfind(b"\n", 0, offset) + 1
    end = region.data.find(b"\n", offset)
    line = region.data[start : end if end >= 0 else len(region.data)]
    where = f"line {_count_lines(region.data, start) + 1}"
    path = _json_path(line, offset - start)
    if path is None and len(region.data) <= _STEP:
        path = _json_path(bytes(region.data), offset)
    return where if path is None else f"{where} {path_text(path, is_secret)}"


def path_text(path: Path, is_secret: Callable[[str], bool]) -> str:
    """``$.a[2].b``. A key that is no plain name, or holds a secret, is not shown."""
    parts = ["$"]
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step}" if _NAME.fullmatch(step) and not is_secret(step) else ".(key)")
    return "".join(parts)


class Paths:
    """The paths of JSON text. Asked in the order of offsets they take one walk through it."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._begin()

    def _begin(self) -> None:
        self._path: list[str | int] = []
        self._kinds: list[bytes] = []
        self._key: bytes | None = None
        self._since = self._end = 0
        """Where the path holds: from the end of the token before to that of the last one."""

    def at(self, offset: int) -> Path:
        """Of the innermost value (or of the object whose key) that covers `offset`."""
        if offset < self._since:
            self._begin()
        if offset >= self._end:
            for match in _TOKEN.finditer(self._text, self._end):
                self._step(match.group())
                self._since, self._end = self._end, match.end()
                if self._end > offset:
                    break
        return tuple(self._path)

    def _step(self, token: bytes) -> None:
        path, kinds = self._path, self._kinds
        is_value = token not in (b"]", b"}", b",", b":")
        if is_value and kinds and kinds[-1] == b"{" and self._key is None:
            self._key = token
            path[-1] = _decode(token)
        elif token in (b"[", b"{"):
            kinds.append(token)
            path.append(0 if token == b"[" else "")
            self._key = None
        elif token in (b"]", b"}"):
            if kinds:
                kinds.pop()
                path.pop()
                self._key = b""
        elif token == b"," and kinds:
            step = path[-1]
            if isinstance(step, int):
                path[-1] = step + 1
            else:
                self._key = None


def path_at(text: bytes, offset: int) -> Path:
    """The path of the innermost value (or of the object whose key) that covers `offset` in JSON text."""
    return Paths(text).at(offset)


def paths_in(text: bytes) -> Paths | None:
    """Those of a text that is a JSON document."""
    if text[:1] not in (b"{", b"["):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return Paths(text)


def _json_path(text: bytes, offset: int) -> Path | None:
    paths = paths_in(text)
    return None if paths is None else paths.at(offset)


def _decode(token: bytes) -> str:
    try:
        key = json.loads(token)
    except ValueError:
        return ""
    return key if isinstance(key, str) else ""


def _count_lines(data: bytes | mmap.mmap, end: int) -> int:
    return sum(data[start : min(start + _STEP, end)].count(b"\n") for start in range(0, end, _STEP))
