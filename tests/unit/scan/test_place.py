import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan import lines
from redactfuzz.scan.lines import Lines
from redactfuzz.scan.place import Paths, path_at, path_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def place_marker(value, path, marker):
    """The value with the marker put at the path."""
    if not path:
        return marker
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = place_marker(value[path[0]], path[1:], marker)
    return copy


def paths(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for step in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[step], (*path, step))


@settings(max_examples=200, deadline=None)
@given(st.data(), values)
def test_the_path_of_any_value_of_any_json_text_is_found(data, value):
    path = data.draw(st.sampled_from(list(paths(value))))
    text = json.dumps(place_marker(value, path, "MARKER-7f3a"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert path_at(text, text.index(b"MARKER-7f3a")) == path


def test_keys_that_are_no_names_or_hold_a_secret_are_not_shown():
    assert path_text(("a", 3, "b c", "_d1"), lambda key: False) == "$.a[3].(key)._d1"
    assert path_text(("a", "secret"), lambda key: key == "secret") == "$.a.(key)"


@settings(max_examples=100, deadline=None)
@given(values, st.lists(st.integers(0, 200), max_size=8))
def test_paths_are_the_same_in_whatever_order_they_are_asked_for(value, offsets):
    text = json.dumps([value, "end"]).encode()
    one_walk = Paths(text)
    assert [one_walk.at(offset) for offset in offsets] == [path_at(text, offset) for offset in offsets]


@settings(max_examples=100, deadline=None)
@given(st.text("ab\n", max_size=120), st.lists(st.integers(0, 119), max_size=8))
def test_lines_are_counted_the_same_in_whatever_order_they_are_asked_for(text, offsets):
    data = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_COUNTED", 16)
        asked = Lines(Image("x", data), lambda _: False)
        found = [asked.at(offset) for offset in offsets]
    assert found == [f"line {data[:offset].count(10) + 1}" for offset in offsets]


@pytest.mark.parametrize("reach", [1 << 20, 40])
def test_a_line_is_parsed_once_and_one_whose_ends_are_far_is_not(reach, monkeypatch):
    monkeypatch.setattr(lines, "_LINE", reach)
    monkeypatch.setattr(lines, "_WHOLE", 0)
    parsed = []
    monkeypatch.setattr(lines, "paths_in", lambda text: parsed.append(text) or Paths(text))
    data = b'{"a": "x"}\n{"b": ["' + b"y" * 100 + b'", "z"]}\n'
    asked = Lines(Image("x", data), lambda _: False)
    assert asked.at(data.index(b"x")) == "line 1 $.a"
    near = [asked.at(at) for at in range(data.index(b"y"), data.index(b"z") + 1)]
    assert near[50] == ("line 2 $.b[0]" if reach > 100 else "line 2")
    assert near[-1] == ("line 2 $.b[1]" if reach > 100 else "line 2")
    assert len(parsed) == (2 if reach > 100 else 1)
