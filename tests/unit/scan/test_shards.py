"""A secret in shards: short words with slashes or pluses between them, which are letters of base64 elsewhere."""

import base64
import itertools
import random
import textwrap

import pytest

from redactfuzz.dumps.readers.region import Nature, Region
from redactfuzz.model.canary import mint, raw, token
from redactfuzz.model.outcome import Dump
from redactfuzz.scan import Inspector
from redactfuzz.scan.layers import Shards, layers
from redactfuzz.scan.matcher_set import MatcherSet

TOKEN = mint(3, "token", token(), 1)
RAW = mint(3, "raw", raw(32), 1)
FORMS = {
    "a token": (TOKEN, TOKEN.text),
    "hexadecimal": (RAW, RAW.bytes.hex()),
    "base32": (RAW, base64.b32encode(RAW.bytes).decode().rstrip("=")),
}
SEPARATORS = ("/", "+", "\\/", " / ", "//")
LENGTHS = (1, 2, 3, 4, 6, 8)


def search(canary, text):
    return Inspector(3)([Dump("d", text)], {canary.name: canary}, {}, 1).leaks


def sharded(text, size, separator):
    return separator.join(textwrap.wrap(text, size))


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("form", FORMS)
def test_shards_of_any_length_are_put_together_and_found_where_they_lie(form, separator):
    canary, text = FORMS[form]
    for size in LENGTHS:
        written = sharded(text, size, separator)
        (leak,) = search(canary, f"before\n{written}\nafter")
        assert leak.recovered >= 0.99 * canary.bits
        assert leak.offset == 7
        assert len(written) - len(separator) - 1 <= leak.length <= len(written)  # the last letter of base32 says little


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("form", FORMS)
def test_shards_of_another_secret_are_not_accused(form, separator):
    canary, text = FORMS[form]
    other = mint(4, canary.name, canary.kind, 1)
    for size in LENGTHS:
        assert search(other, sharded(text, size, separator)) == ()


@pytest.mark.parametrize(
    "path",
    [
        "stat /{0}/{1}/{2}/{3}/{4} failed",
        "https://host/blobs/{0}/{1}/{2}/{3}/{4}/data?x=1",
        "key + {0} + {1} + {2} + {3} + {4}",
        '{{"path": "objects\\/{0}\\/{1}\\/{2}\\/{3}\\/{4}"}}',
        "0x{0}/0x{1}/0x{2}/0x{3}/0x{4}",
    ],
)
def test_what_stands_around_the_shards_does_not_hide_them(path):
    text = RAW.bytes.hex()[:20]
    (leak,) = search(RAW, path.format(*textwrap.wrap(text, 4)))
    assert leak.recovered >= 0.99 * 80  # four bits a letter: no piece alone has the 44 that count


def test_a_short_secret_in_a_sharded_path_is_found():
    digits = RAW.bytes.hex()[:14]
    (leak,) = search(RAW, f"/var/cache/{digits[:2]}/{digits[2:4]}/{digits[4:]}.bin")
    assert leak.recovered >= 0.99 * 56
    assert search(RAW, f"/var/cache/{digits[:2]}/{digits[4:]}.bin") == ()


def test_paths_and_sums_are_not_accused_and_mostly_not_put_together():
    rng = random.Random(0)
    names = ("usr", "lib", "share", "x86", "python3", "api", "v1", "static", "item", "a", "b", "0001")
    paths = "\n".join("/".join(rng.choices(names, k=rng.randint(2, 6))) for _ in range(4000))
    for canary in (TOKEN, RAW):
        assert search(canary, paths) == ()
    assert Shards.of(b"GET /static/js/main.js HTTP/1.1 in /usr/share/python/x, and a + bc + def + ghij").data == b""


def test_each_byte_of_the_shards_knows_where_it_stood():
    text = b"at /ab12/cd34/0xef56 or foo+ab/cd/ef/123456 but 1/2 and a/b/c"
    shards = Shards.of(text)
    assert shards.data == b"ab12cd34\nabcdef123456\n".replace(b"cd34", b"cd34ef56")
    places = [shards.at(at) for at, byte in enumerate(shards.data) if byte != 10]
    assert bytes(text[place] for place in places) == shards.data.replace(b"\n", b"")
    assert all(before < after for before, after in itertools.pairwise(places))


@pytest.mark.parametrize("row", [b"ab/cd/ef/01/", b"a+", b"abcdefgh/12345678/", b" / ", b"/", b"ab / ", b"x//y/"])
def test_a_text_full_of_shards_has_room_for_all_of_them(row):
    text = row * 5000
    shards = Shards.of(text)
    assert all(byte == 10 or text[shards.at(at)] == byte for at, byte in enumerate(shards.data[:300]))
    assert len(shards.data) <= 2 * len(text)


def test_the_shards_of_a_dump_are_one_layer_more_and_only_where_there_are_any():
    assert [layer.data for layer in layers(b"ab12/cd34/ef56")][1:] == [b"ab12cd34ef56\n"]
    assert len(layers(b"nothing/of/interest")) == 1


def test_a_name_that_spells_a_secret_in_folders_is_known_to_hold_one():
    matchers = MatcherSet(thorough=True)
    matchers.plant([TOKEN], [])
    name = sharded(TOKEN.text, 4, "/")
    assert matchers.holds(name)
    assert not matchers.holds(sharded(mint(4, "token", token(), 1).text, 4, "/"))
    assert matchers.search(Region(name.encode(), Nature.BYTES), layers(name.encode()))
