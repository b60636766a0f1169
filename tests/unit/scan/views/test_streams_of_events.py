"""Secrets in pieces beside others: of several streams in one log, beside cells that vary, in chunks of base64."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from apart_writers import CANARY, GHP, NO_GHP, OTHER, PEMS, PUBLIC, found, told

from redactfuzz.scan.views.spellings import Spelling, origins, spelled

PROSE = "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore "


def cut(text: str, least: int, most: int, rng: random.Random) -> list[str]:
    pieces, at = list[str](), 0
    while at < len(text):
        size = rng.randint(least, most)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def sse(stream: str, piece: str) -> str:
    return "data: " + json.dumps({"id": f"chatcmpl-{stream}", "choices": [{"index": 0, "delta": {"content": piece}}]})


def line(stream: str, piece: str) -> str:
    return f'10:00:00 [{stream}] rx "{piece}"'


def streamed(text: str, count: int, seed: int, write: Callable[[str, str], str] = sse) -> str:
    """One stream of a text, and others of prose beside it, in any order."""
    rng = random.Random(seed)
    prose = PROSE * (len(text) // len(PROSE) + 2)
    texts = [text, *(prose[17 * i : 17 * i + len(text)] for i in range(1, count))]
    streams = {f"{rng.getrandbits(32):08x}": cut(one, 1, 4, rng) for one in texts}
    lines = []
    while streams:
        name = rng.choice(list(streams))
        lines.append(write(name, streams[name].pop(0)))
        if not streams[name]:
            del streams[name]
    return "\n".join(lines)


@pytest.mark.parametrize("write", [sse, line])
@pytest.mark.parametrize("count", [2, 10])
def test_a_canary_is_found_beside_other_streams_of_its_shape(
    tmp_path: Path, count: int, write: Callable[[str, str], str]
) -> None:
    assert told(tmp_path, streamed(CANARY.text, count, 3, write)) == "LEAK"
    assert told(tmp_path, streamed(OTHER.text, count, 3, write)) == "CLEAN"


def test_a_token_with_its_checksum_is_found_beside_another_stream(tmp_path: Path) -> None:
    assert found(tmp_path, streamed(f"the token is {GHP} ok", 2, 4)) == ["token"]
    assert found(tmp_path, streamed(f"the token is {NO_GHP} ok", 2, 4)) == []


@pytest.mark.parametrize("kind", ["sec1", "rsa"])
def test_a_pem_is_found_beside_another_stream(tmp_path: Path, kind: str) -> None:
    assert told(tmp_path, streamed(PEMS[kind], 2, 5)) == "LEAK"


def test_a_public_key_beside_another_stream_is_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, streamed(PUBLIC, 2, 5)) == "CLEAN"


def test_services_of_one_log_are_told_apart(tmp_path: Path) -> None:
    rng = random.Random(6)

    def log(text: str) -> str:
        lines = []
        for piece in cut(text, 1, 4, rng):
            lines.append(f"app-1    | rx {piece}")
            lines += [f"db-1     | {word} starting" for word in rng.choices(["checkpoint", "vacuum"], k=2)]
        return "\n".join(lines)

    assert told(tmp_path, log(CANARY.text)) == "LEAK"
    assert told(tmp_path, log(OTHER.text)) == "CLEAN"


RNG = random.Random(7)
BESIDE: dict[str, Callable[[str], str]] = {
    "a uuid and a number": lambda c: json.dumps({"id": str(uuid.UUID(int=RNG.getrandbits(128))), "b": ord(c)}),
    "a uuid": lambda c: f"{uuid.UUID(int=RNG.getrandbits(128))} read {c}",
    "base64": lambda c: f"read {c} {base64.b64encode(RNG.randbytes(6)).decode()}",
    "a path": lambda c: f"GET /{'/'.join(RNG.choices(['api', 'v1', 'x42'], k=RNG.randint(1, 4)))} got {c}",
    "a duration": lambda c: f"{RNG.choice(['850us', '1.2ms', '3s', '1m2.5s'])} read {c}",
    "a word before it between quotes": lambda c: json.dumps({"message": f"keypress {c}"}),
    "words around it between quotes": lambda c: json.dumps({"message": f"got {c} now", "n": RNG.randrange(999)}),
    "a mark": lambda c: f"{RNG.randbytes(8).hex()}|#{c}|{base64.b64encode(RNG.randbytes(6)).decode()}",
    "the name of a setting": lambda c: f"{uuid.UUID(int=RNG.getrandbits(128))} [worker] c={c}",
}


@pytest.mark.parametrize("beside", BESIDE)
def test_letters_are_found_beside_what_varies(tmp_path: Path, beside: str) -> None:
    assert told(tmp_path, "\n".join(map(BESIDE[beside], CANARY.text))) == "LEAK"
    assert told(tmp_path, "\n".join(map(BESIDE[beside], OTHER.text))) == "CLEAN"


def events(pieces: list[str]) -> str:
    return "\n".join(json.dumps({"ts": 1764500000 + 13 * i, "data": piece}) for i, piece in enumerate(pieces))


@pytest.mark.parametrize("most", [8, 12, 30])
@pytest.mark.parametrize("kind", ["sec1", "rsa"])
def test_a_pem_in_longer_pieces_is_found(tmp_path: Path, kind: str, most: int) -> None:
    assert told(tmp_path, events(cut(PEMS[kind], most // 2, most, random.Random(most)))) == "LEAK"


def test_a_token_in_pieces_of_eight_letters_and_more_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, events(cut(f"auth: {GHP} end", 8, 10, random.Random(1)))) == ["token"]
    assert found(tmp_path, events(cut(f"auth: {NO_GHP} end", 8, 10, random.Random(1)))) == []


@pytest.mark.parametrize("padding", ["=", ""])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 7])
def test_chunks_that_are_each_in_base64_are_put_together(tmp_path: Path, size: int, padding: str) -> None:
    def chunks(text: str) -> str:
        cuts = (text[at : at + size].encode() for at in range(0, len(text), size))
        return events([base64.b64encode(chunk).decode().replace("=", padding) for chunk in cuts])

    assert told(tmp_path, chunks(f'{{"password":"{CANARY.text}"}}')) == "LEAK"
    assert told(tmp_path, chunks(f'{{"password":"{OTHER.text}"}}')) == "CLEAN"


@pytest.mark.parametrize("size", [2, 4, 7])
def test_pieces_are_found_where_the_newest_line_stands_first(tmp_path: Path, size: int) -> None:
    def newest(text: str) -> str:
        return "\n".join(reversed(events(cut(text, size, size, RNG)).splitlines()))

    assert told(tmp_path, newest(CANARY.text)) == "LEAK"
    assert told(tmp_path, newest(OTHER.text)) == "CLEAN"


@pytest.mark.parametrize("kind", ["openssh", "rsa", "sec1"])
def test_a_key_that_is_printed_into_a_busy_log_is_found(tmp_path: Path, kind: str) -> None:
    def log(lines: list[str]) -> str:
        others = (f"2026-11-30T10:00:00Z web: GET /item/{i} 200 in {i % 97} ms" for i in range(40 * len(lines)))
        return "\n".join(x for row in lines for x in [f"2026-11-30T10:00:00Z app: {row}", *islice(others, 40)])

    assert told(tmp_path, log(PEMS[kind].splitlines())) == "LEAK"
    assert told(tmp_path, log(PUBLIC.splitlines())) == "CLEAN"


def test_events_in_one_line_are_lines_each(tmp_path: Path) -> None:
    def array(text: str) -> str:
        ids = random.Random(3)
        return "x " + json.dumps({"events": [{"id": ids.randbytes(8).hex(), "m": f"got {c} now"} for c in text]}) + " y"

    assert told(tmp_path, array(CANARY.text)) == "LEAK"
    assert told(tmp_path, array(OTHER.text)) == "CLEAN"


def test_each_byte_is_placed_where_it_is_written() -> None:
    log = events(cut(CANARY.text, 1, 4, random.Random(2))).encode()
    view = spelled(Spelling.EVENTS, log)
    places = origins(Spelling.EVENTS, log)
    start = view.index(CANARY.text.encode())
    assert bytes(log[places[start + i]] for i in range(len(CANARY.text))) == CANARY.text.encode()


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_lines_that_end_early_are_read_to_their_end(size: int) -> None:
    log = events(cut(CANARY.text, 2, 2, random.Random(2))).encode()
    for extra in (b'\n"', b"\n\0", b'\0"\\', b"\n{}{"):
        assert CANARY.text.encode() in spelled(Spelling.EVENTS, log + extra * size)


def test_lines_behind_zeros_are_of_another_file() -> None:
    log = "\n".join(json.dumps({"message": f"got {c} now", "n": i}) for i, c in enumerate(CANARY.text))
    other = "\n".join(json.dumps({"message": f"had {i} then", "n": i}) for i in range(30))
    data = f"{other}\n".encode() + bytes(8) + log.encode()
    assert CANARY.text.encode() in spelled(Spelling.EVENTS, data)


def test_prose_and_times_give_nothing() -> None:
    words = PROSE.split()
    prose = "\n".join(" ".join(random.Random(i).choices(words, k=4 + i % 3)) for i in range(24))
    assert spelled(Spelling.EVENTS, prose.encode()) == b""
    times = "\n".join(f"2026-11-30T10:00:{i:02}.{i * 7:03}Z started {10000 + i * 37}" for i in range(60))
    assert spelled(Spelling.EVENTS, times.encode()) == b""
