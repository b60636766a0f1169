"""JSON and JSON Lines: each value that the text only encodes is seen as what it is, with its path."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers.image import Image, Layout
from redactfuzz.dumps.readers.texts import json_events, json_strings
from redactfuzz.dumps.readers.texts.json_events import JsonEvents
from redactfuzz.model.canary import mint, token
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.survey import survey

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
    assert views(b'{"a": [0, {"b": "line\\nand more"}]}') == {("a", 1, "b"): [("value", b"line\nand more")]}


def test_a_value_with_needless_escapes_is_seen_as_it_is() -> None:
    assert views(b'{"a": "\\u006c\\u0069ne of it"}') == {("a",): [("value", b"line of it")]}


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
    found = views(b'{"a": "first\\nand more", "a": "second\\nand more"}')
    assert sorted(found["a",]) == [("value", b"first\nand more"), ("value", b"second\nand more")]


def test_keys_are_values_as_well() -> None:
    assert views(b'{"k\\ney to it": 1}') == {("k\ney to it",): [("value", b"k\ney to it")]}


def test_lines_are_events() -> None:
    data = b'{"a": "1\\nand more"}\n\n{"a": "2\\nand more"}\r\n{"a": "3\\nand more"}'
    assert layout(data).format == "JSON Lines"
    assert layout(data).gaps == ()
    (found,) = views(data).values()
    assert found == [("value", b"1\nand more"), ("value", b"2\nand more"), ("value", b"3\nand more")]


@pytest.mark.parametrize("size", [4000, 4090, 5000, 70_000, 3 << 20])
def test_lines_longer_than_what_is_looked_at_first_are_events(size: int) -> None:
    line = json.dumps({"log": "y " * (size // 2) + "\n", "stream": "stdout"}).encode()
    data = b"\n".join([line] * 3) + b"\n"
    told = layout(data)
    assert told.gaps == ()
    assert told.format == ("JSON Lines" if size < 2 << 20 else "JSON")
    assert layout(data[: 2 * len(line)]).gaps


def test_a_document_whose_first_line_is_long_is_one() -> None:
    data = b'{"a": "' + b"y " * 4000 + b'",\n"b": [\n1, 2]}\n'
    assert layout(data) == Layout("JSON")


def test_a_line_that_is_no_json_is_told_and_harms_nothing() -> None:
    data = b'{"a": "1\\nand more"}\nTraceback (most recent call last):\n{"a": "3\\nand more"}\n'
    told = layout(data)
    assert (told.format, told.gaps) == ("JSON Lines", ())
    assert told.notes == ("3 lines", "no JSON in lines 2")
    assert len(views(data)["a",]) == 2


def test_a_line_that_is_cut_off_is_a_gap_and_its_values_are_seen() -> None:
    data = b'{"a": "1\\nand more"}\n{"b": {"c": "2\\nand more", "d": "3\\nand more'
    (gap,) = layout(data).gaps
    assert (gap.offset, gap.length, gap.harmless) == (21, len(data) - 21, False)
    found = views(data)
    assert found["b", "c"] == [("value", b"2\nand more")]
    assert ("b", "d") in found


@pytest.mark.parametrize("cut", range(2, 60, 3))
def test_a_document_that_is_cut_off_anywhere_is_a_gap(cut: int) -> None:
    data = json.dumps({"a": ["x\nand more", {"b": 1.5, "c": None}], "d": "the last value of this one"}).encode()
    assert not layout(data).gaps
    assert layout(data[:cut]).gaps


@pytest.mark.parametrize(
    "data", [b"[2024-05-01 12:00:00] started\n[2024-05-01] ended\n", b"{'a': 1}\n", b"[ERROR] no\n"]
)
def test_a_log_that_begins_with_a_bracket_is_text(data: bytes) -> None:
    assert layout(data) == Layout("text that begins like JSON")


@pytest.mark.parametrize(
    "data",
    [
        b'{\n  "id": 1,\n  "v": [1, {"a": null}]\n}\n{\n  "id": 2\n}\n',
        b'{"a":1}{"b":2}\n',
        b'{"a": 1,}\n',
        b'{"a": NaN, "b": %s}\n' % (b"9" * 5000),
        b'{"a":"x\ty"}\n',
        b'{\n  // a remark\n  "a": {"strict": true, /* x */},\n}\n',
    ],
)
def test_what_only_python_reads_no_json_in_is_whole_and_its_values_are_seen(data: bytes) -> None:
    """As jq, Firehose and editors write it; cut anywhere between its first bracket and its last one it is a gap."""
    assert layout(data).gaps == ()
    hidden = json.dumps("caf\xe9 au lait: a value").encode()
    within = data.replace(b"{", b'{"hidden": %s, ' % hidden, 1)
    assert layout(within).gaps == ()
    assert "caf\xe9 au lait: a value".encode() in [view.decoded for view in JsonEvents().views(Image("x", within))]
    assert layout(within[: within.rindex(b"}")]).gaps


def test_an_indented_document_is_one() -> None:
    data = json.dumps([{"a": "x\nand more"}, {"b": "y\nand more"}], indent=2).encode()
    assert layout(data) == Layout("JSON")
    assert set(views(data)) == {(0, "a"), (1, "b")}


def test_a_byte_order_mark_is_no_obstacle() -> None:
    for data in (b'\xef\xbb\xbf{"a": "1\\nand more"}', b'\xef\xbb\xbf{"a": "1\\nand more"}\n{"a": "2\\nand more"}\n'):
        assert READER.recognises(data, len(data))
        assert not layout(data).gaps
        assert ("value", b"1\nand more") in views(data)["a",]


def test_a_deep_document_is_searched_value_by_value() -> None:
    data = b"[" * 100_000 + b'"x\\nand more"' + b"]" * 100_000
    (found,) = views(data).values()
    assert found == [("value", b"x\nand more")]


def test_a_large_document_is_read_token_by_token_with_the_same_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    more = "\nand more"
    document = {"a": [{"b": f"x{more}"}, [f"y{more}", {}, [], f"z{more}"]], f"c{more}": {"d": {"e": "é"}}, "f": "plain"}
    data = json.dumps(document, ensure_ascii=False).encode()
    whole = views(data)
    monkeypatch.setattr("redactfuzz.dumps.readers.texts.json_events._LARGEST", 10)
    assert views(data) == whole
    assert {("a", 0, "b"), ("a", 1, 3), ("c\nand more",)} <= set(whole)
    assert layout(data) == Layout("JSON")


@pytest.mark.once
def test_seventy_megabytes_in_one_document_are_one_document() -> None:
    filler = b'{"k": "' + b"v " * 32_500 + b'"},'
    data = b'{"list": [' + filler * 1100 + b'{"k": "last\\nand more"}]}'
    assert len(data) > 70_000_000
    assert views(data) == {("list", 1100, "k"): [("value", b"last\nand more")]}
    assert layout(data) == Layout("JSON")


TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.booleans())
@settings(max_examples=300, deadline=None)
def test_token_by_token_every_string_is_read_that_hides_something(document: object, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    image = Image("x", text)
    parsed = json_strings.parsed(text)
    assert parsed is not None
    whole = sorted(json_strings.strings_of(parsed[0]), key=repr)
    read = [(path, string) for path, string, _ in json_strings.tokens(image, 0, len(text))]
    assert all(whole.count(one) >= read.count(one) for one in read)
    for path, string in whole:
        shown = json.dumps(string, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        if b"\\" in shown and len(string.encode("utf-8", "surrogatepass")) >= 8:
            assert (path, string) in read
    assert json_strings.hides(image, 0, len(text)) == bool(read)
    assert json_strings.closed(image, 0, len(text))[0]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50, 1 << 20])
def test_large_documents_are_whole_or_cut_off_wherever_their_pieces_end(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large one that is cut off was taken for whole."""
    data = json.dumps({"a": ['"]}\\', {'b"[': "\\\\"}, "é\n"], "c": "a longer one, to the end"}).encode()
    monkeypatch.setattr(json_strings, "_CHECKED", step)
    monkeypatch.setattr("redactfuzz.dumps.readers.texts.json_events._LARGEST", 10)
    assert layout(data).gaps == ()
    for cut in range(11, len(data)):
        (gap,) = layout(data[:cut]).gaps
        assert (gap.offset, gap.length, gap.harmless) == (0, cut, False)


@given(st.lists(st.binary(max_size=12), min_size=2, max_size=6))
@settings(max_examples=200, deadline=None)
def test_lines_that_are_judged_together_are_judged_as_each_alone(lines: list[bytes]) -> None:
    texts = [b'{"k": 1}', *lines, b"[2]"]
    if json_strings.are_json(texts):
        assert all(json_strings.are_json([text]) for text in texts)


@pytest.mark.parametrize("end", ["\\", "\\x", "\\u00", '\\"', "\\\n", ""])
def test_an_escape_that_a_value_ends_in_hides_nothing_in_the_next(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short values are searched together. Each second letter is escaped, so that no raw form is there; text that is
    searched with its escapes taken back would show it as well, and is left out."""
    monkeypatch.setattr("redactfuzz.scan.survey._LAYERED", 64)
    monkeypatch.setattr("redactfuzz.scan.survey._unwrapped", lambda *_: iter(()))
    key = mint(5, "key", token(), 1)
    text = "".join(f"\\u{ord(letter):04x}" if at % 2 else letter for at, letter in enumerate(key.text))
    line = json.dumps({"a": f"a value {end}"})[:-1] + f', "b": "{text}"}}'
    assert json.loads(line)["b"] == key.text
    matcher_set = MatcherSet()
    matcher_set.plant([key], [])
    found = survey(Image("x", "\n".join([line] * 3).encode()), matcher_set).found
    assert [one.decoded for one in found] == [True] * 3


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:\\u0\n ab', max_size=300).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_nothing_is_raised(data: bytes) -> None:
    image = Image("x", b"{" + data)
    READER.layout(image)
    list(READER.views(image))


def _closed(text: bytes) -> bool:
    """Byte by byte."""
    inside, escaped, depth = False, False, 0
    for byte in text:
        if inside:
            inside, escaped = escaped or byte != ord('"'), not escaped and byte == ord("\\")
        else:
            inside = byte == ord('"')
            depth += (byte in b"[{") - (byte in b"]}")
    return not inside and depth == 0 and (len(text) - len(text.rstrip(b"\\"))) % 2 == 0


class _OneLook:
    """A pattern for strings that is never tried where none ends: it would look at the same bytes once more."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern

    def sub(self, instead: bytes, text: bytes) -> bytes:
        rest = self._pattern.sub(instead, text)
        assert b'"' not in rest[:-1]
        return rest


@settings(max_examples=400, deadline=None)
@given(st.text('"\\[]{}a', max_size=40), st.integers(1, 7))
def test_whether_all_strings_and_brackets_end_is_seen_across_stretches_and_in_one_look(text: str, step: int) -> None:
    data = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_strings, "_CHECKED", step)
        patch.setattr(json_strings, "_STRING", _OneLook(json_strings._STRING))
        assert json_strings.closed(Image("x", data), 0, len(data))[0] == _closed(data)


@pytest.mark.parametrize("distance", range(40))
def test_an_escape_across_the_end_of_a_stretch_is_seen(distance: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a short string with one hides nothing, wherever it lies."""
    monkeypatch.setattr(json_strings, "_KEPT", 64)
    hiding = b"[" + b" " * distance + b'"abcdefgh\\u0041", ' + b'"c\\n", ' * 30 + b"1]"
    plain = b"[" + b" " * distance + b'"abcdefghA", ' + b'"c\\n", ' * 30 + b"1]"
    assert json_strings.hides(Image("x", hiding), 0, len(hiding))
    assert not json_strings.hides(Image("x", plain), 0, len(plain))


def test_a_string_that_is_too_long_to_be_decoded_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_events, "_LARGEST", 64)
    monkeypatch.setattr(json_strings, "_CHECKED", 32)
    monkeypatch.setattr(json_strings, "_LONGEST", 256)
    values = [base64.b64encode(bytes(75)).decode(), "b" * 100, "c" * 90]
    assert layout(json.dumps(values).encode()).gaps == ()
    (gap,) = layout(json.dumps([*values, "d" * 600, "e"]).encode()).gaps
    assert "too long to be decoded" in gap.reason
    assert not gap.harmless
    assert gap.offset is not None
    assert abs(gap.offset - json.dumps(values).index("c" * 90) - 93) <= 64


def test_the_steps_above_many_values_are_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    depth, values = 600, 900
    text = b'{"a\\u0041b":' * depth + b"[" + b",".join(b'"\\u0041aaaaaaa%d"' % at for at in range(values)) + b"]"
    whole = text + b"}" * depth
    decoded: list[bytes] = []
    real = json_strings._decoded

    def counted(token: bytes) -> str:
        decoded.append(token)
        return real(token)

    monkeypatch.setattr(json_strings, "_decoded", counted)
    found = list(json_strings.tokens(Image("deep", whole), 0, len(whole)))
    assert [path[-1] for path, _, _ in found] == list(range(values))
    assert {path[:-1] for path, _, _ in found} == {("aAb",) * depth}
    assert found[7][1] == "Aaaaaaaa7"
    assert len(decoded) == depth + values
