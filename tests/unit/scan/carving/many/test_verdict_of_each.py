"""Small files that are searched together get the verdict of each alone, whichever others there are, in any order."""

from __future__ import annotations

import functools
import itertools
import random
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from test_many import SPECIAL, alike, request

from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import scan_dump
from redactfuzz.scan.many import with_quiet_ones

_PAGE = 4096
_KEYS = [
    rsa.generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    for _ in range(2)
]


def swap(text: bytes) -> bytes:
    """A swap file of vim: the lines of a page lie from its end to its begin."""
    body = b"".join(line + b"\0" for line in reversed(text.splitlines()))
    return b"b0VIM 9.1".ljust(_PAGE, b"\0") + b"tp".ljust(_PAGE, b"\0") + b"ad".ljust(_PAGE - len(body), b"\0") + body


CORPUS: dict[str, bytes] = SPECIAL | {
    **{f"swap file {number}": swap(key) for number, key in enumerate(_KEYS)},
    **{f"swap file of prose {number}": swap(b"a line\nand one more\n" * number) for number in range(1, 4)},
    **{f"the key in a heap {number}": b"\0\1\2" + key + b"\0\3" for number, key in enumerate(_KEYS)},
    "half a swap file": swap(b"".join(_KEYS[0].splitlines(keepends=True)[:7])),
    **{f"bytes {number}": b"\0" + random.Random(number).randbytes(700) for number in range(5)},
}


@functools.cache
def place() -> tuple[tempfile.TemporaryDirectory[str], list[str]]:
    """The corpus in files, and the folder, which goes with the process."""
    folder = tempfile.TemporaryDirectory()
    for number, content in enumerate(CORPUS.values()):
        (Path(folder.name) / f"{number:02}").write_bytes(content)
    return folder, sorted(map(str, Path(folder.name).iterdir()))


@functools.cache
def alone(path: str) -> DumpReport:
    return scan_dump(path, request())


def told(paths: list[str]) -> dict[str, DumpReport]:
    """The reports that a search of them together gives."""
    return {path: report for path, report in with_quiet_ones(paths, request()) if report is not None}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.data())
def test_a_search_together_tells_of_each_what_a_search_of_it_alone_does(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(place()[1]), min_size=8, unique=True))
    others = [path for path, report in told(chosen).items() if not alike(report, alone(path))]
    assert others == [], ([list(CORPUS)[int(Path(path).name)] for path in others], chosen)


def test_a_key_that_another_file_holds_whole_is_in_a_swap_file_as_well() -> None:
    paths = dict(zip(CORPUS, place()[1], strict=True))
    quiet = [paths[name] for name in CORPUS if name.startswith(("bytes", "swap file of prose"))]
    leaky = [paths["swap file 0"], paths["the key in a heap 0"]]
    for order in itertools.permutations(leaky):
        assert set(told([*quiet, *order])) == {*quiet}
    assert all(alone(path).keys for path in leaky)
