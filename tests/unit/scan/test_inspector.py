import base64
import json
import os

import pytest
from inspecting import SEED, inspect, plant

from redactfuzz.model.canary import integer, literal, probe, raw, rsa, token
from redactfuzz.model.outcome import Dump, Unreadable
from redactfuzz.scan import Inspector
from redactfuzz.scan.keys.derived import rsa_parts


@pytest.fixture
def canaries():
    return plant(key=token())


def test_every_value_of_a_leak(canaries):
    key = canaries["key"]
    (leak,) = inspect(f"first\nsecond key={key.text}\n", canaries).leaks
    assert (leak.canary, leak.encoding, leak.offset, leak.length, leak.dump) == ("key", "utf-8", 17, 32, "d")
    assert (leak.where, leak.part, leak.hash_prefix) == ("line 2", "whole", key.hash_prefix)
    assert leak.recovered == leak.entropy == pytest.approx(190.4, abs=0.1)


def test_a_fragment_is_a_part_and_tells_what_it_gives_away(canaries):
    (leak,) = inspect(b"...." + canaries["key"].bytes[5:19] + b"....", canaries).leaks
    assert (leak.offset, leak.length, leak.part) == (4, 14, "part")
    assert leak.recovered == pytest.approx(14 * 5.95, abs=0.1)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview], ids=lambda wrap: wrap.__name__)
def test_bytes_like_dumps(canaries, wrap):
    (leak,) = inspect(wrap(b"\0\1" + canaries["key"].bytes), canaries).leaks
    assert (leak.offset, leak.where) == (2, "")


def test_a_strided_memoryview_is_read_as_what_it_shows(canaries):
    doubled = bytes(byte for letter in canaries["key"].bytes for byte in (letter, 0))
    (leak,) = inspect(memoryview(doubled)[::2], canaries).leaks
    assert (leak.encoding, leak.length) == ("utf-8", 32)


def test_a_file_is_read(canaries, tmp_path):
    path = tmp_path / "crash.log"
    path.write_text("one\ntwo\n" + canaries["key"].text)
    inspection = inspect(path, canaries)
    assert [(leak.offset, leak.where) for leak in inspection.leaks] == [(8, "line 3")]
    assert inspection.bytes_read == 40


def test_a_number_on_its_own_is_a_dump():
    canaries = plant(key=integer(256))
    (leak,) = inspect(canaries["key"].int, canaries).leaks
    assert (leak.encoding, leak.where) == ("decimal", "$")


def test_a_redacted_dump_gives_nothing(canaries):
    inspection = inspect({"key": "[redacted]", "n": [1, 2.5, None, True]}, canaries)
    assert inspection.leaks == ()
    assert inspection.shown == frozenset()
    assert inspection.unreadable == ()
    assert inspection.bytes_read > 0


# -- files that cannot be read


def test_paths_that_cannot_be_read_are_named(canaries, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, reason in {"missing": "No such file", "": "a folder", "fifo": "a FIFO"}.items():
        inspection = inspect(tmp_path / path, canaries, {"w": "witness"})
        assert len(inspection.unreadable) == 1
        assert reason in inspection.unreadable[0]
        assert inspection.missing_witnesses == ()


def test_an_empty_file_is_read_and_lacks_its_witness(canaries, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    inspection = inspect(tmp_path / "empty", canaries, {"w": "witness"})
    assert inspection.unreadable == ()
    assert inspection.missing_witnesses == ("w",)


# -- what is allowed, old, missing, repeated


def test_an_allowed_canary_is_shown_and_no_leak(canaries):
    inspection = inspect(canaries["key"].text, canaries, allowed=["key"])
    assert inspection.leaks == ()
    assert inspection.shown == {"key"}


def test_the_allowance_of_one_canary_is_not_that_of_another():
    canaries = plant(one=token(), two=token())
    inspection = inspect({"a": canaries["one"].text, "b": canaries["two"].text}, canaries, allowed=["one"])
    assert [leak.canary for leak in inspection.leaks] == ["two"]
    assert inspection.shown == {"one", "two"}


@pytest.mark.parametrize("kind", [token(), raw(24), integer(200), probe()], ids=lambda kind: kind.label)
def test_a_canary_of_the_execution_before_is_stale_and_no_leak(kind):
    old, new = plant(number=6, key=kind), plant(number=7, key=kind)
    data = old["key"].value if kind.label != "raw" else {"x": old["key"].bytes}
    inspection = inspect(data, new, number=7)
    assert inspection.stale == ("key",)
    assert inspection.leaks == ()
    assert inspection.shown == frozenset()
    assert inspect(new["key"].text, new, number=7).stale == ()


def test_what_repeats_is_never_stale():
    canaries = plant(number=3, key=rsa(512), word=literal("correct horse 7Xq! battery"))
    inspection = inspect({"a": canaries["key"].text, "b": canaries["word"].text}, canaries)
    assert inspection.stale == ()
    assert inspection.shown == {"key", "word"}


@pytest.mark.parametrize(
    "data",
    [
        'build 7f3a-é"2291 ok',
        {"b": 'x 7f3a-é"2291'},
        json.dumps({"b": '7f3a-é"2291'}),
        json.dumps([json.dumps({"b": '7f3a-é"2291'})]),
        '7f3a-é"2291'.encode("utf-16-le"),
        {"b": [b'7f3a-\xc3\xa9"2291']},
        "7f3a-%C3%A9%222291",
        "<b>7f3a-é&quot;2291</b>",
    ],
)
def test_a_witness_survives_in_any_form(canaries, data):
    assert inspect(data, canaries, {"build": '7f3a-é"2291'}).missing_witnesses == ()


def test_a_witness_that_one_of_two_dumps_holds_is_there_and_one_that_none_holds_is_missing(canaries):
    dumps = [Dump("a", "build 7f3a"), Dump("b", "redacted")]
    inspection = Inspector(SEED)(dumps, canaries, {"w": "7f3a", "v": "9e1c"}, 1)
    assert inspection.missing_witnesses == ("v",)
    assert inspection.held == {("a", "w")}
    assert inspection.read == {"a", "b"}


def test_no_dumps_miss_no_witness(canaries):
    assert Inspector(SEED)([], canaries, {"w": "7f3a"}, 1).missing_witnesses == ()


def test_all_occurrences_are_listed_by_offset_up_to_twenty_and_the_rest_counted(canaries):
    secret = canaries["key"].text
    leaks = inspect(f"{secret}\n" * 50, canaries).leaks
    assert [leak.offset for leak in leaks] == [33 * line for line in range(20)]
    assert leaks[-1].where == "line 20 (and 30 more)"
    assert inspect(f"{secret}\n" * 20, canaries).leaks[-1].where == "line 20"


def test_more_hits_than_the_first_buffer_holds(canaries):
    leaks = inspect(f"{canaries['key'].text}\n" * 1000, canaries).leaks
    assert leaks[-1].where == "line 20 (and 980 more)"


def test_one_occurrence_is_reported_once_though_many_encodings_agree(canaries):
    for data in (canaries["key"].bytes, canaries["key"].bytes.hex(), base64.b64encode(canaries["key"].bytes)):
        assert len(inspect(data, canaries).leaks) == 1


def test_leaks_of_several_canaries_in_several_dumps():
    canaries = plant(one=token(), two=raw(20), three=integer(128))
    dumps = [
        Dump("first", canaries["two"].text),
        Dump("second", {"n": canaries["three"].int, "t": canaries["one"].text}),
    ]
    inspection = Inspector(SEED)(dumps, canaries, {}, 3)
    assert [(leak.dump, leak.canary, leak.encoding) for leak in inspection.leaks] == [
        ("first", "two", "hex"),
        ("second", "one", "utf-8"),
        ("second", "three", "decimal"),
    ]


def test_one_inspector_searches_many_executions_with_changing_canaries():
    inspector = Inspector(SEED)
    for number in range(1, 60):
        canaries = plant(number=number, key=token(), rsa=rsa(512), word=literal("correct horse 7Xq! battery"))
        canaries["key"].allow()
        dumps = [Dump("d", {"a": canaries["key"].text, "b": canaries["rsa"].text})]
        inspection = inspector(dumps, canaries, {}, number)
        assert inspection.shown == {"key", "rsa"}
        assert inspection.stale == ()
        assert all(leak.hash_prefix == canaries[leak.canary].hash_prefix for leak in inspection.leaks)


# -- rsa


@pytest.fixture(scope="module")
def signing():
    return plant(key=rsa(1024))


@pytest.mark.parametrize("name", ["p", "q", "d", "dp", "dq", "qinv"])
def test_every_secret_number_of_an_rsa_key_is_found(signing, name):
    number = getattr(signing["key"].value, name)
    size = (number.bit_length() + 7) // 8
    forms = {
        f"decimal of {name}": str(number),
        f"hex number of {name}": f"{number:x}",
        f"little-endian limbs of {name}": number.to_bytes(size, "little"),
        f"big-endian of {name}": number.to_bytes(size, "big"),
    }
    for encoding, data in forms.items():
        (leak,) = inspect(data, signing).leaks
        assert (leak.encoding, leak.part) == (encoding, "whole")


def test_pem_and_der_of_an_rsa_key_are_found(signing):
    key = signing["key"]
    for data, encoding in (
        (key.text, "utf-8 of PEM"),
        ({"pem": key.text}, "utf-8 of PEM"),
        (key.bytes, "raw bytes of DER"),
        (key.bytes.hex(), "hex of DER"),
        (base64.b64encode(key.bytes), "base64 of DER"),
    ):
        (leak,) = inspect(data, signing).leaks
        assert (leak.encoding, leak.part) == (encoding, "whole")


def test_one_line_of_the_pem_body_is_enough(signing):
    assert len(inspect(signing["key"].text.splitlines()[-3], signing).leaks) == 1


def test_the_public_half_of_an_rsa_key_is_no_leak(signing):
    key = signing["key"].value
    header = "\n".join(signing["key"].text.splitlines()[:3])
    for data in (key.n, f"{key.n:x}", key.n.to_bytes(128, "big"), header, "-----BEGIN PRIVATE KEY-----\n[redacted]"):
        assert inspect(data, signing).leaks == ()


@pytest.mark.parametrize("form", [str, hex, lambda n: {"key": n}, lambda n: n.to_bytes(16, "little")], ids=range(4))
@pytest.mark.parametrize("value", [0xDEADBEEFCAFEBABE1122334455667788, 12345678901234567890])
def test_a_literal_number_is_found_in_each_form_of_a_number(form, value):
    canaries = plant(key=literal(value))
    leaks = inspect(form(value), canaries).leaks
    assert {leak.canary for leak in leaks} == {"key"}


def test_what_counts_is_every_canary_that_some_dump_may_not_hold():
    canaries = plant(one=token(), two=token())
    allowed = [Dump("a", b"x", frozenset({"one", "two"})), Dump("b", b"x", frozenset({"one"}))]
    assert Inspector(SEED)(allowed[:1], canaries, {}, 3).counted == frozenset()
    assert Inspector(SEED)(allowed, canaries, {}, 3).counted == {"two"}
    assert inspect(b"x", canaries).counted == {"one", "two"}


def test_what_could_not_be_kept_of_a_dump_is_named_with_its_path(canaries):
    whole = inspect(Unreadable("the path is a folder, not a file"), canaries)
    assert whole.unreadable == ("d: the path is a folder, not a file",)
    assert whole.counted == frozenset(), "what was not read does not count"
    part = inspect({"a": [canaries["key"].text, Unreadable("the object holds itself")]}, canaries)
    assert part.unreadable == ("d: the object holds itself at $.a[1]",)
    assert [leak.canary for leak in part.leaks] == ["key"]


def test_what_follows_from_a_key_is_found_in_every_dump_that_the_same_key_comes_to(tmp_path):
    path = tmp_path / "memory.bin"
    inspector = Inspector(SEED)
    for _ in range(2):  # the key is the same, the canary is another execution's
        canaries = plant(key=rsa(1024))
        key = canaries["key"].value
        (constant,) = (part.number for part in rsa_parts(key.n, key.e, key.p) if part.label == "R^2 mod p")
        path.write_bytes(os.urandom(4096) + constant.to_bytes(64, "little") + os.urandom(4096))
        (leak,) = inspector([Dump("d", path, frozenset())], canaries, {}, 3).leaks
        assert (leak.canary, leak.offset) == ("key", 4096)
