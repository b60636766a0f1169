"""Scenarios that say their secret wherever our own output could show it, and a search that does not use our masker."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator

PIECE = 6
"""Characters of a canary, 35 bits: the least that counts as shown."""

FORMS: dict[str, str] = {
    "plain": "key",
    "reversed": "key[::-1]",
    "hex": "key.encode().hex()",
    "base64": "base64.b64encode(key.encode()).decode()",
    "base32": "base64.b32encode(key.encode()).decode()",
    "percent": "''.join('%%%02X' % ord(c) for c in key)",
    "decimal": "' '.join(str(ord(c)) for c in key)",
    "dotted": "'.'.join(key)",
    "markup": "f'[bold red]{key}[/] <b>{key}</b>'",
    "ANSI": "'\\x1b[1m'.join(key)",
}
"""What a scenario says in the place of the secret ``key``."""

PLACES: dict[str, str] = {
    "exception of a thread": "race.thread(fail, said)",
    "notes of an exception": "race.thread(fail, 'failed', said)",
    "exception of the handler": "race.crash(lambda: fail(said))",
    "exception of the body": "fail(said)",
    "name of a thread": "race.thread(print, name=said)",
    "name of a canary": "race.canary(said)",
    "name of a function": "race.thread(called(said))",
    "what is printed and warned": "race.thread(prints, said)",
    "log": "race.thread(logging.getLogger('app').error, 'failed: %s', said)",
    "path of a dump": "race.thread(dumps_in, race, said)",
}
"""What a scenario does with it."""

LOGGED = "said by a test that is no scenario"
HEAD = """
import base64, logging, os, re, sys, warnings
import pytest
from redactfuzz import scenario

PLANTED = os.open(os.environ["PLANTED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def fail(text, *notes):
    error = ValueError(text)
    for note in notes:
        error.add_note(note)
    raise error

def called(text):
    names = {}
    name = "f_" + re.sub(r"\\W", "_", text)
    exec(compile(f"def {name}():\\n    raise KeyError({text!r})\\n", f"/tmp/{name}.py", "exec"), names)
    return names[name]

def prints(text):
    print(text)
    print(text, file=sys.stderr)
    warnings.warn(text)

def dumps_in(race, text):
    path = race.tmp_path / re.sub(r"[/\\0]", "_", text)[:200]
    path.write_text(text)
    race.dump(path)

@pytest.fixture
def torn():
    yield
    raise RuntimeError("in the teardown")

def test_logs():
    logging.getLogger("app").error("LOGGED")

def plant(race):
    key = race.canary("key").text
    os.write(PLANTED, (key + "\\n").encode())
    return key
"""


def source(executions: int) -> str:
    """A file of one scenario for each place and form."""
    parts = [HEAD.replace("LOGGED", LOGGED)]
    for place, does in PLACES.items():
        for form, said in FORMS.items():
            name = f"test_{place}_{form}".replace(" ", "_")
            parts.append(
                "@pytest.mark.usefixtures('torn')\n"  # which the command line does not know
                f"@scenario(executions={executions})\ndef {name}(race):\n    key = plant(race)\n    said = {said}\n"
                f"    mask = race.redactor(lambda text: text.replace(key, '[key]'))\n"
                + ("" if "crash" in does else "    race.crash(lambda: mask('key ' + key))\n")
                + f"    {does}\n"
            )
    return "\n".join(parts)


def held(text: str, keys: Iterable[str]) -> int:
    """How many pieces of canaries can be read in a text, as it is or taken out of the forms above."""
    pieces = {key[at : at + PIECE] for key in keys for at in range(len(key) - PIECE + 1)}
    return sum(reading[at : at + PIECE] in pieces for reading in _readings(text) for at in range(len(reading)))


def _readings(text: str) -> Iterator[str]:
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    yield text
    yield text[::-1]
    yield bare
    yield re.sub(r"[^A-Za-z0-9+/=\n]", "", bare)
    yield urllib.parse.unquote(text, "latin-1")
    for run in re.findall(r"(?:[0-9a-fA-F]{2}){4,}", text):
        yield bytes.fromhex(run).decode("latin-1")
        yield bytes.fromhex(run[1:-1]).decode("latin-1")
    yield from _decoded(text, r"[A-Za-z0-9+/]{8,}", base64.b64decode, 4)
    yield from _decoded(text, r"[A-Z2-7]{8,}", base64.b32decode, 8)
    for run in re.findall(r"(?:\d{2,3}\D{1,2}){4,}\d{2,3}", text):
        yield "".join(chr(int(each)) for each in re.findall(r"\d+", run))


def _decoded(text: str, letters: str, decode: Callable[[str], bytes], block: int) -> Iterator[str]:
    for run in re.findall(letters, text):
        for start in range(block):
            whole = run[start : start + (len(run) - start) // block * block]
            try:
                yield decode(whole).decode("latin-1")
            except ValueError:
                continue
