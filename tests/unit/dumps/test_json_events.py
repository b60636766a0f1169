"""JSON and JSON Lines: each value that the text only encodes is seen as what it is, with its path."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps import json_strings
from redactfuzz.dumps.image import Image, Layout
from redactfuzz.dumps.json_events import JsonEvents

READER = JsonEvents()


def layout(data: bytes) -> Layout:
    return READER.layout(Image("x", data))


def views(data: bytes) -> dict[tuple[object, ...], list[tuple[str, bytes]]]:
    """What the views show by path, but for what the text shows as well."""
    found: dict[tuple[object, ...], list[tuple[str, bytes]]] = {}
    for view in READER.views(Image("x", data)):
        if view.what == "value" and (view.decoded or b"") in data:
            continue  # the document has escapes, and this value none
        found.setdefault(view.path or (), []).append((view.what, view.decoded or b""))
    return found


def test_a_plain_value_needs_no_view() -> None:
    assert views(b'{"a": "plain", "b": [1, "x"]}') == {}


def test_an_escaped_value_is_seen_as_it_is() -> None:
    assert views(b'{"a": [0, {"b": "line\\n"}]}') == {("a", 1, "b"): [("value", b"line\n")]}


def test_a_value_with_needless_escapes_is_seen_as_it_is() -> None:
    assert views(b'{"a": "\\u006c\\u0069ne"}') == {("a",): [("value", b"line")]}


def test_a_base64_value_is_decoded_in_either_alphabet() -> None:
    plain = bytes(range(240, 256)) * 2
    for text in (base64.b64encode(plain), base64.urlsafe_b64encode(plain), base64.b64encode(plain).rstrip(b"=")):
        assert views(b'{"a": "' + text + b'"}') == {("a",): [("base64 value", plain)]}


def test_json_inside_a_string_and_inside_base64_is_followed() -> None:
    inner = json.dumps({"token": base64.b64encode(b"a value that was encoded").decode()})
    for text in (inner, base64.b64encode(inner.encode()).decode()):
        found = views(json.dumps({"message": text}).encode())
        assert ("base64 value", b"a value that was encoded") in found["message", "token"]


def test_of_two_values_of_one_key_both_are_seen() -> None:
    found = views(b'{"a": "first\\n", "a": "second\\n"}')
    assert sorted(found["a",]) == [("value", b"first\n"), ("value", b"second\n")]


def test_keys_are_values_as_well() -> None:
    assert views(b'{"k\\ney": 1}') == {("k\ney",): [("value", b"k\ney")]}


def test_lines_are_events() -> None:
    data = b'{"a": "1\\n"}\n\n{"a": "2\\n"}\r\n{"a": "3\\n"}'
    assert layout(data).format == "JSON Lines"
    assert layout(data).gaps == ()
    (found,) = views(data).values()
    assert found == [("value", b"1\n"), ("value", b"2\n"), ("value", b"3\n")]


def test_a_line_that_is_no_json_is_told_and_harms_nothing() -> None:
    data = b'{"a": "1\\n"}\nTraceback (most recent call last):\n{"a": "3\\n"}\n'
    told = layout(data)
    assert (told.format, told.gaps) == ("JSON Lines", ())
    assert told.notes == ("3 lines", "no JSON in lines 2")
    assert len(views(data)["a",]) == 2


def test_a_line_that_is_cut_off_is_a_gap_and_its_values_are_seen() -> None:
    data = b'{"a": "1\\n"}\n{"b": {"c": "2\\n", "d": "3\\n'
    (gap,) = layout(data).gaps
    assert (gap.offset, gap.length, gap.harmless) == (13, len(data) - 13, False)
    found = views(data)
    assert found["b", "c"] == [("value", b"2\n")]
    assert ("b", "d") in found


@pytest.mark.parametrize("cut", range(2, 60, 3))
def test_a_document_that_is_cut_off_anywhere_is_a_gap(cut: int) -> None:
    data = json.dumps({"a": ["x\n", {"b": 1.5, "c": None}], "d": "the last value of this one"}).encode()
    assert not layout(data).gaps
    assert layout(data[:cut]).gaps


@pytest.mark.parametrize(
    "data", [b"[2024-05-01 12:00:00] started\n[2024-05-01] ended\n", b"{'a': 1}\n", b"[ERROR] no\n"]
)
def test_a_log_that_begins_with_a_bracket_is_text(data: bytes) -> None:
    assert layout(data) == Layout("text that begins like JSON")


def test_an_indented_document_is_one() -> None:
    data = json.dumps([{"a": "x\n"}, {"b": "y\n"}], indent=2).encode()
    assert layout(data) == Layout("JSON")
    assert set(views(data)) == {(0, "a"), (1, "b")}


def test_a_byte_order_mark_is_no_obstacle() -> None:
    for data in (b'\xef\xbb\xbf{"a": "1\\n"}', b'\xef\xbb\xbf{"a": "1\\n"}\n{"a": "2\\n"}\n'):
        assert READER.recognises(data, len(data))
        assert not layout(data).gaps
        assert ("value", b"1\n") in views(data)["a",]


def test_a_deep_document_is_searched_value_by_value() -> None:
    data = b"[" * 100_000 + b'"x\\n"' + b"]" * 100_000
    (found,) = views(data).values()
    assert found == [("value", b"x\n")]


def test_a_large_document_is_read_token_by_token_with_the_same_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"a": [{"b": "x\n"}, ["y\n", {}, [], "z\n"]], "c\n": {"d": {"e": "é"}}, "f": "plain"}
    data = json.dumps(document, ensure_ascii=False).encode()
    whole = views(data)
    monkeypatch.setattr("redactfuzz.dumps.json_events._LARGEST", 10)
    assert views(data) == whole
    assert {("a", 0, "b"), ("a", 1, 3), ("c\n",)} <= set(whole)
    assert layout(data) == Layout("JSON")


def test_seventy_megabytes_in_one_document_are_one_document() -> None:
    filler = b'{"k": "' + b"v " * 32_500 + b'"},'
    data = b'{"list": [' + filler * 1100 + b'{"k": "last\\n"}]}'
    assert len(data) > 70_000_000
    assert views(data) == {("list", 1100, "k"): [("value", b"last\n")]}
    assert layout(data) == Layout("JSON")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.booleans())
@settings(max_examples=200, deadline=None)
def test_both_ways_to_read_give_the_same_strings(document: object, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    parsed = json_strings.parsed(text)
    assert parsed is not None
    read = sorted(json_strings.strings_of(parsed[0]), key=repr)
    assert sorted((one[:2] for one in json_strings.tokens(Image("x", text), 0, len(text))), key=repr) == read


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:\\u0\n ab', max_size=300).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_nothing_is_raised(data: bytes) -> None:
    image = Image("x", b"{" + data)
    READER.layout(image)
    list(READER.views(image))
