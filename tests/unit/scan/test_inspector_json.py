"""Values of JSON, and those that JSON cannot hold, as dumps."""

import base64
import json
from xml.etree import ElementTree

import pytest
from inspecting import inspect, plant

from redactfuzz.model.canary import probe, token

# -- JSON


@pytest.fixture
def canaries():
    return plant(key=token())


def test_a_json_value_is_found_with_its_path_and_offset_in_the_serialised_text(canaries):
    data = {"a": [1, {"b c": "é\n", "token": "ö\n" + canaries["key"].text}]}
    (leak,) = inspect(data, canaries).leaks
    text = json.dumps(data, ensure_ascii=False).encode()
    assert leak.where == "$.a[1].token"
    assert leak.encoding == "utf-8"
    assert text[leak.offset : leak.offset + leak.length] == canaries["key"].bytes


@pytest.mark.parametrize("kind", [token(), probe()], ids=["token", "probe"])
def test_an_escaped_json_value_is_seen_as_what_it_is(kind):
    canaries = plant(key=kind)
    (leak,) = inspect({"x": {"y": canaries["key"].text}}, canaries).leaks
    assert (leak.encoding, leak.where, leak.part) == ("utf-8", "$.x.y", "whole")


def test_a_base64_value_inside_json(canaries):
    encoded = base64.b64encode(b"v=" + canaries["key"].bytes).decode()
    (leak,) = inspect({"x": encoded}, canaries).leaks
    assert (leak.encoding, leak.where) == ("base64 (shift 2)", "$.x")


def test_json_text_in_a_string_dump_has_line_and_path():
    canaries = plant(key=probe())
    text = 'starting\n{"extra": {"token": ' + json.dumps(canaries["key"].text) + "}}\n"
    (leak,) = inspect(text, canaries).leaks
    assert (leak.encoding, leak.where, leak.part) == ("JSON escape", "line 2 $.extra.token", "whole")


def test_json_inside_json_inside_json():
    canaries = plant(key=probe())
    data = json.dumps({"outer": json.dumps({"inner": canaries["key"].text})})
    (leak,) = inspect(data, canaries).leaks
    assert leak.part == "whole"
    assert "escaped" in leak.encoding
    assert leak.where == "line 1 $.outer"


def test_a_dict_key_is_searched_and_its_text_not_shown(canaries):
    secret = canaries["key"].text
    inspection = inspect({"headers": {secret: 1, secret + "x": {"deep": secret}}}, canaries)
    assert len(inspection.leaks) == 3
    assert [leak.where for leak in inspection.leaks] == ["$.headers.(key)", "$.headers.(key)", "$.headers.(key).deep"]
    assert secret[:6] not in repr(inspection)


def test_bytes_inside_json_are_searched(canaries):
    secret = canaries["key"].bytes
    inspection = inspect({"a": {"b": [b"--" + secret, bytearray(secret), memoryview(b"no")]}}, canaries)
    assert [(leak.where, leak.offset) for leak in inspection.leaks] == [("$.a.b[0]", 2), ("$.a.b[1]", 0)]
    assert inspection.unreadable == ()


def test_sets_tuples_and_mappings_are_read(canaries):
    from types import MappingProxyType

    secret = canaries["key"].text
    assert len(inspect({"a": {secret}, "b": (secret,), "c": MappingProxyType({"d": secret})}, canaries).leaks) == 3


def test_keys_that_json_cannot_hold_are_read_or_named(canaries):
    secret = canaries["key"].text
    inspection = inspect({"a": {(1, secret): secret, secret.encode(): 1, 3: secret, object(): 2}}, canaries)
    assert [leak.where for leak in inspection.leaks] == [
        "$.a.(key)[0][1]",
        "$.a.(key)[1]",
        "$.a.(key)",
        "$.a.(key)[0]",
    ]
    assert inspection.unreadable == ("d: JSON cannot hold a object at $.a.(key)[0]",)
    assert secret[:6] not in repr(inspection)


class Secretive:
    def __init__(self, secret):
        self.secret = secret

    def __repr__(self):
        raise RuntimeError("no")


def test_what_json_cannot_hold_is_named_never_clean(canaries):
    secret = canaries["key"].text
    inspection = inspect({"a": [Secretive(secret)], "e": ValueError(secret), secret: object()}, canaries)
    assert inspection.unreadable == (
        "d: it cannot be copied (RuntimeError) at $.a[0]",
        "d: JSON cannot hold a object at $.(key)",
    )
    assert secret[:6] not in repr(inspection)


def test_an_exception_as_a_dump_is_read_as_its_text(canaries):
    assert inspect(ValueError("x"), canaries).unreadable == ()
    assert inspect(ValueError(canaries["key"].text), canaries).leaks


def test_what_only_iterates_is_unreadable_as_a_dump(canaries):
    assert inspect((each for each in "x"), canaries).unreadable == ("d: JSON cannot hold a generator",)


def test_what_its_text_and_attributes_do_not_show_is_unreadable_as_a_dump(canaries):
    element = ElementTree.Element("a")
    element.text = canaries["key"].text
    derived = type("Derived", (ElementTree.Element,), {})("a")
    derived.text = canaries["key"].text
    for each in (element, derived):
        assert inspect(each, canaries).unreadable == (f"d: JSON cannot hold a {type(each).__name__}",)


def test_an_object_that_holds_itself_is_named_and_the_rest_is_read(canaries):
    data = {"key": canaries["key"].text}
    data["self"] = data
    inspection = inspect(data, canaries)
    assert len(inspection.leaks) == 1
    assert inspection.unreadable == ("d: the object holds itself at $.self",)


def test_an_object_nested_very_deep_is_named(canaries):
    data = [canaries["key"].text]
    for _ in range(5000):
        data = [data]
    inspection = inspect(data, canaries)
    assert inspection.leaks or inspection.unreadable


def test_numbers_with_more_digits_than_python_prints_are_read(canaries):
    inspection = inspect({"n": 10**6000, "key": canaries["key"].text}, canaries)
    assert len(inspection.leaks) == 1
    assert inspection.unreadable == ()


def test_lone_surrogates_are_read(canaries):
    secret = canaries["key"].text
    assert len(inspect("\ud800" + secret, canaries).leaks) == 1
    assert len(inspect({"\udfff": "\ud800" + secret}, canaries).leaks) == 1
