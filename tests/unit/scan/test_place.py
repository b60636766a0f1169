import json

from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.scan.place import path_at, path_text

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
