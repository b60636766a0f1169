"""Properties of the search, over random secrets and random data."""

from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.model.canary import mint, raw, token
from redactfuzz.model.outcome import Dump
from redactfuzz.scan import Inspector
from redactfuzz.scan.matcher import Origins, unescape

few = settings(max_examples=150, deadline=None)


@few
@given(st.binary(max_size=4000), st.integers(1, 5))
def test_data_that_holds_no_canary_never_gives_a_leak(data, number):
    canaries = {"t": mint(3, "t", token(), number), "r": mint(3, "r", raw(16), number)}
    inspection = Inspector(3)([Dump("d", data)], canaries, {}, number)
    assert inspection.leaks == ()
    assert inspection.shown == frozenset()


@few
@given(st.data(), st.binary(max_size=60), st.binary(max_size=60), st.integers(8, 40))
def test_a_fragment_above_the_threshold_is_found_at_its_offset(data, before, after, n):
    canary = mint(5, "t", token(n), 1)
    size = data.draw(st.integers(8, n))
    start = data.draw(st.integers(0, n - size))
    secret = canary.bytes
    dump = before + secret[start : start + size] + after
    (leak, *_) = Inspector(5)([Dump("d", dump)], {"t": canary}, {}, 1).leaks
    # The bytes around may happen to go on with the secret, or with what it is in small letters or capitals.
    assert leak.offset <= len(before)
    assert leak.offset + leak.length >= len(before) + size
    assert dump[leak.offset : leak.offset + leak.length].lower() in secret.lower()


@few
@given(st.text(max_size=200))
def test_unescape_takes_back_json_escapes(text):
    import json

    for escaped in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        assert unescape(escaped.encode("utf-8", "surrogatepass"))[1:-1] == text.encode("utf-8", "surrogatepass")


@few
@given(st.text(alphabet='\\"ux0aé\n', max_size=60))
def test_the_origin_of_every_unescaped_byte_grows_and_ends_at_the_end(text):
    data = text.encode()
    plain = unescape(data)
    origins = [Origins(data).at(position) for position in range(len(plain) + 1)]
    assert origins == sorted(origins)
    assert origins[-1] == len(data)
    assert len(plain) <= len(data)
