"""No regular expression that is searched for reads a run of one letter again from each of its letters."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import redactfuzz.dumps.readers
import redactfuzz.scan
from redactfuzz.scan.keys.written import openpgp, ppk

_MANY = 64
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
HARMLESS = {
    "redactfuzz.scan.keys.public.written_numbers._BREAK",  # matched at one place
    "redactfuzz.scan.keys.public.written_numbers._TAIL",
    "redactfuzz.dumps.readers.carving.broken._PRINTED",
    "redactfuzz.scan.keys.public.written_numbers._COLONS",  # what follows stands in what it repeats, from 15 on
    "redactfuzz.scan.keys.programs.ssh_com._HEADER",  # matched at one place
    "redactfuzz.scan.keys.written.line_forms._TAIL",  # of 256 letters
}


def expressions() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for package in (redactfuzz.scan, redactfuzz.dumps.readers):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(one.name)
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern):
                    yield f"{one.name}.{name}", value


def begins_with_a_run(items: Iterable[Any]) -> bool:
    """Whether a run comes first that has no beginning, and something behind it that may not be there."""
    kinds = list(items)
    for index, (kind, value) in enumerate(kinds):
        rest = kinds[index + 1 :]
        if kind in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            return False
        if kind is sre.BRANCH:
            return any(begins_with_a_run([*each, *rest]) for each in value[1])
        if kind is sre.SUBPATTERN:
            return begins_with_a_run([*value[3], *rest])
        if kind in _REPEATS and value[1] >= _MANY:
            return any(not (each in _REPEATS and more[0] == 0) for each, more in rest)
        return False
    return False


def of(pattern: re.Pattern[Any]) -> bool:
    return begins_with_a_run(parser.parse(pattern.pattern, pattern.flags))


def test_no_expression_begins_with_a_run_that_it_would_read_from_each_of_its_letters() -> None:
    found = dict(expressions())
    assert len(found) > 40
    assert {name for name, pattern in found.items() if of(pattern)} == HARMLESS


def test_such_a_run_is_told() -> None:
    assert of(re.compile(rb"[ ]+(?=a)"))
    assert of(re.compile(rb"x|\\+u"))
    assert not of(re.compile(rb"(?<! )[ ]++(?=a)|\w+|a[ ]+b"))


def test_blanks_in_a_row_are_one_break() -> None:
    word, line = b"a" * 40, b"-----BEGIN PGP PRIVATE KEY BLOCK-----"
    assert openpgp._JOINED.sub(b"\n", line + b"    " + word + b"   " + word + b"  =abcd") == b"\n".join(
        (line, word, word, b"=abcd")
    )
    assert ppk._JOINED.sub(b"\n", b"ssh-rsa   Encryption: none  Comment: a  b") == (
        b"ssh-rsa\nEncryption: none\nComment: a  b"
    )
