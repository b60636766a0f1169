"""Nothing that is written about a C or C++ program holds a piece of its canaries: as they are, in hex, or in base64.

Canaries follow from the seed, so the test makes the same ones.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from redactfuzz import token
from redactfuzz.model.canary import mint, raw
from redactfuzz.model.canary.secret import seed_of_secrets

pytestmark = pytest.mark.once

BIN = Path(sys.executable).parent
SEED = 5
PIECE = 6
"""Characters of a token: 35 bits; and bytes of a raw secret."""
PROGRAM = """#include <assert.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>

static unsigned char kept[32];
static std::string given;

REDACTFUZZ_REDACTOR static void redact() { explicit_bzero(kept, sizeof kept); }

static void on_crash(int number)
{
    redact();
    signal(number, SIG_DFL);
    raise(number);
}

static void *work(void *how)
{
    std::string what(static_cast<const char *>(how));
    memcpy(kept, redactfuzz_canary("raw key", sizeof kept), sizeof kept);
    if (what == "file") close(open((given + ".txt").c_str(), O_WRONLY | O_CREAT, 0600));
    if (what == "log") { FILE *log = fopen(given.c_str(), "w"); fputs(given.c_str(), log); fclose(log); }
    if (what == "says") { puts(given.c_str()); fwrite(kept, 1, sizeof kept, stderr); }
    if (what == "name") pthread_setname_np(pthread_self(), given.substr(0, 15).c_str());
    if (what == "throws") throw std::runtime_error("no such key: " + given);
    if (what == "pieces") throw std::runtime_error(given.substr(0, 8) + " " + given.substr(9, 8));
    if (what == "bytes") throw std::runtime_error(std::string(reinterpret_cast<char *>(kept), sizeof kept));
    if (what == "asserts") assert(given.empty());
    return nullptr;
}

int main(int, char **words)
{
    given = getenv("KEY");
    if (strchr("tpba", words[1][0])) { /* throws, pieces, bytes, asserts: the bug is to be told, not a leak */
        redactfuzz_allow("KEY");
        redactfuzz_allow("raw key");
    }
    signal(SIGSEGV, on_crash);
    pthread_t thread;
    pthread_create(&thread, nullptr, work, words[1]);
    pthread_join(thread, nullptr);
    return 0;
}
"""
WAYS = ("file", "log", "says", "name", "throws", "pieces", "bytes", "asserts", "none")
TESTS = "from redactfuzz import native, token\n" + "".join(
    f"test_{way} = native.scenario('program.cpp', canaries={{'KEY': token()}}, env={{'KEY': 'KEY'}},"
    f" args=['{way}'], seconds=20, executions=20, crash='{crash}')\n"
    for way, crash in zip(
        WAYS, ("SIGSEGV", "none", "none", "kill", "none", "none", "none", "none", "kill"), strict=True
    )
)


def secrets() -> tuple[str, bytes]:
    seed = seed_of_secrets(SEED, "program")
    return mint(seed, "KEY", token(), 1).text, mint(seed, "raw key", raw(32), 1).bytes


def pieces_of(text: str, secret: bytes) -> set[bytes]:
    """Runs of the secrets, read either way, and of what hex and base64 make of them."""
    found = set()
    for whole in (text.encode(), secret):
        for one in (whole, whole[::-1]):
            found |= {one[at : at + PIECE] for at in range(len(one) - PIECE + 1)}
        for at in range(len(whole) - PIECE + 1):
            piece = whole[at : at + PIECE]
            found |= {piece.hex().encode(), piece.hex().upper().encode(), base64.b64encode(piece)}
    # What JSON makes of bytes that are not ASCII.
    found |= {str(piece)[2:-1].encode() for piece in list(found)}
    found |= {
        "".join(f"\\u{byte:04x}" if byte > 126 else chr(byte) for byte in piece).encode() for piece in list(found)
    }
    return found


def held(written: bytes, pieces: set[bytes]) -> list[bytes]:
    return [piece for piece in pieces if piece in written]


def test_the_search_of_this_file_sees_pieces_as_they_are_in_hex_and_in_base64() -> None:
    text, secret = secrets()
    pieces = pieces_of(text, secret)
    assert len(text) == len(secret) == 32
    assert held(b"said: " + text[5:12].encode(), pieces)
    assert held(b"..." + secret[8:20].hex().encode(), pieces)
    assert held(base64.b64encode(secret[3:30]), pieces)
    assert not held(re.sub(rb"\W", b"", PROGRAM.encode()), pieces)


def ran(folder: Path, *command: object) -> bytes:
    done = subprocess.run(
        [BIN / str(command[0]), *map(str, command[1:])], cwd=folder, capture_output=True, timeout=300, check=False
    )
    assert done.returncode in (0, 1, 5), done.stdout + done.stderr
    return done.stdout + done.stderr


def test_no_piece_of_a_secret_is_in_anything_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "program.cpp").write_text(PROGRAM)
    (tmp_path / "test_keys.py").write_text(TESTS)
    pieces = pieces_of(*secrets())
    options = ("--redactfuzz-seed", SEED, "-p", "no:cacheprovider", "--junitxml", "junit.xml")
    told = {"pytest": ran(tmp_path, "pytest", "-vv", "-l", "test_keys.py", *options)}
    for what in (b"no such key: ", b"terminate called after throwing", b"given.empty()", b"KEY", b"raw key"):
        assert what in told["pytest"], "what went wrong is told"
    for way in ("log", "throws"):
        given = ("program.cpp", "--canary", "env:KEY", "--seed", SEED, "--executions", 20, "--seconds", 20)
        for output in ((), ("--json",)):
            told[f"run {output} {way}"] = ran(tmp_path, "redactfuzz", "run", *given, *output, "--", way)
    repros = sorted(tmp_path.glob(".redactfuzz/*.rfz.json"))
    assert len(repros) >= len(WAYS)
    for repro in repros[::4]:
        told[f"replay {repro.name}"] = ran(tmp_path, "redactfuzz", "replay", repro, "--trace")
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix in (".json", ".xml")]
    told |= {path.name: path.read_bytes() for path in written}
    assert "junit.xml" in told
    assert not {name: found for name, text in told.items() if (found := held(text, pieces))}
    assert not {str(path) for path in tmp_path.rglob("*") if held(path.name.encode(), pieces)}
