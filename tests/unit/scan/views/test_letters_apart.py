"""Secrets letter by letter and piece by piece: lists, calls of a trace, streams of a service, keys that are typed."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from apart_writers import CANARY, GHP, NO_GHP, OTHER, PEMS, PUBLIC, found, told

from redactfuzz.scan.views.spellings import Spelling, origins, spelled

LISTS: dict[str, Callable[[str], str]] = {
    "JSON": lambda t: json.dumps(list(t)),
    "JSON, a letter a line": lambda t: json.dumps({"letters": list(t), "n": [1, 2]}, indent=2),
    "JSON by index": lambda t: json.dumps({str(i): c for i, c in enumerate(t)}),
    "Python": lambda t: repr(list(t)),
    "Java": lambda t: "[" + ", ".join(t) + "]",
    "strace": lambda t: "".join(f"read(3, {json.dumps(c)}, 1) = 1\n" for c in t),
}
MORE: dict[str, Callable[[str], str]] = {
    **LISTS,
    "commas": ",".join,
    "C": lambda t: ", ".join(f"'{c}'" for c in t),
    "YAML": lambda t: "".join(f"- {c}\n" for c in t),
    "PHP": lambda t: "".join(f"    [{i}] => {c}\n" for i, c in enumerate(t)),
    "XML": lambda t: "".join(f"<c>{c}</c>" for c in t),
    "a letter a line": "\n".join,
}


def cut(text: str) -> list[str]:
    rng, pieces, at = random.Random(len(text)), list[str](), 0
    while at < len(text):
        size = rng.randint(1, 4)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def events(made: Callable[[int, str], object], before: str = "data: ") -> Callable[[Iterable[str]], str]:
    return lambda pieces: "".join(f"{before}{json.dumps(made(i, p))}\n\n" for i, p in enumerate(pieces))


def openai(_: int, piece: str) -> object:
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
    return {"id": "chatcmpl-AbC", "object": "chat.completion.chunk", "model": "gpt-4o", "choices": [choice]}


def probable(i: int, piece: str) -> object:
    logprob = -random.Random(i).random() / 10 ** (6 * (i % 2))
    content = [{"token": piece, "logprob": logprob, "bytes": list(piece.encode()), "top_logprobs": []}]
    choice = {"index": 0, "delta": {"content": piece}, "logprobs": {"content": content}, "finish_reason": None}
    return {"id": "chatcmpl-AbC", "object": "chat.completion.chunk", "model": "gpt-4o", "choices": [choice]}


def rated(i: int, piece: str) -> object:
    kinds = ("HATE_SPEECH", "DANGEROUS_CONTENT", "HARASSMENT", "SEXUALLY_EXPLICIT")
    scored = {"probabilityScore": 0.25 + i / 1000, "severity": "HARM_SEVERITY_NEGLIGIBLE", "severityScore": 0.5}
    ratings = [{"category": "HARM_CATEGORY_" + k, "probability": "NEGLIGIBLE", **scored} for k in kinds]
    candidate = {"content": {"parts": [{"text": piece}], "role": "model"}, "index": 0, "safetyRatings": ratings}
    return {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 12, "totalTokenCount": 12 + i}}


def wrapped(_: int, piece: str) -> object:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
    return {"chunk": {"bytes": base64.b64encode(json.dumps(delta).encode()).decode()}}


STREAMS = {
    "pieces alone": events(openai),
    "with the bytes of each": events(probable),
    "in long rows": events(rated),
    "in base64 each": events(wrapped, ""),
}


def traced(text: str) -> str:
    rng = random.Random(3)
    answers = (f"write(3, {str(rng.randbytes(36))[1:]}, 36) = 36\n" for _ in text)
    return "".join(f'read(4, "{c}", 16384) = 1\n{answer}' for c, answer in zip(text, answers, strict=True))


def recorded(text: str) -> str:
    return "".join(f'[{i / 8}, "i", "{c}"]\n[{i / 8 + 0.01}, "o", "{c}"]\n' for i, c in enumerate(text))


def driven(text: str) -> str:
    return json.dumps([{"type": f"key{way}", "value": c} for c in text for way in ("Down", "Up")])


TYPED = {"a trace": traced, "a recording with its echo": recorded, "keys down and up": driven}


@pytest.mark.parametrize("kind", PEMS)
@pytest.mark.parametrize("way", LISTS)
def test_a_key_whose_lines_end_in_an_escape_is_put_together(way: str, kind: str, tmp_path: Path) -> None:
    assert len(found(tmp_path, f"start\n{LISTS[way](PEMS[kind])}\nend\n")) == 1
    assert told(tmp_path, f"start\n{LISTS[way](PUBLIC)}\nend\n") == "CLEAN"


@pytest.mark.parametrize("way", MORE)
def test_letters_of_a_token_one_by_one_are_put_together(way: str, tmp_path: Path) -> None:
    assert found(tmp_path, MORE[way](GHP)) == ["token"]
    assert told(tmp_path, MORE[way](NO_GHP)) == "CLEAN"


@pytest.mark.parametrize("way", STREAMS)
def test_what_a_service_sends_in_pieces_is_put_together(way: str, tmp_path: Path) -> None:
    stream = STREAMS[way]
    assert found(tmp_path, stream(cut(GHP))) == ["token"]
    assert told(tmp_path, stream(cut(CANARY.text))) == "LEAK"
    for nothing in (NO_GHP, OTHER.text):
        assert told(tmp_path, stream(cut(nothing))) == "CLEAN"
    for pem in PEMS.values():
        assert told(tmp_path, stream(cut(pem))) in {"LEAK", "INCOMPLETE"}


def test_a_line_of_another_shape_between_the_pieces_is_no_hindrance(tmp_path: Path) -> None:
    lines = STREAMS["with the bytes of each"](cut(GHP)).split("\n\n")
    lines.insert(5, 'event: ping\ndata: {"type": "ping"}')
    assert found(tmp_path, "\n\n".join(lines)) == ["token"]


@pytest.mark.parametrize("way", TYPED)
def test_keys_that_are_typed_are_put_together_once_each(way: str, tmp_path: Path) -> None:
    assert told(tmp_path, TYPED[way](CANARY.text)) == "LEAK"
    assert found(tmp_path, TYPED[way](GHP)) == ["token"]
    for nothing in (NO_GHP, OTHER.text):
        assert told(tmp_path, TYPED[way](nothing)) == "CLEAN"


def test_prose_and_lists_of_digits_are_no_letters_that_stand_apart() -> None:
    for text in ("a b c d e f g h i j k l m n o p q r s t u v w x y z " * 3, json.dumps([1, 0, 3, 7] * 40)):
        assert not spelled(Spelling.COLUMNS, text.encode())


def test_each_letter_lies_where_the_text_has_it() -> None:
    for way in (*LISTS.values(), recorded, traced):
        text = way(GHP).encode()
        letters, places = spelled(Spelling.COLUMNS, text), origins(Spelling.COLUMNS, text)
        at = letters.index(GHP[:12].encode())
        assert bytes(text[place] for place in places[at : at + 12]) == GHP[:12].encode()
