import base64
from typing import Any

import pytest

from redactfuzz.model.canary import mint, rsa
from redactfuzz.model.canary.rsa_key import _Hints, make_key


@pytest.fixture(scope="module", params=[512, 1024])
def canary(request):
    return mint(4, "key", rsa(request.param), 1)


def read_der(data: bytes) -> list:
    """A minimal reader: integers, and the contents of everything else."""
    items = []
    while data:
        tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start = 2 + (size & 0x7F)
            size = int.from_bytes(data[2:start], "big")
        content = data[start : start + size]
        items.append(int.from_bytes(content, "big") if tag == 2 else (tag, content))
        data = data[start + size :]
    return items


def test_the_numbers_are_those_of_an_rsa_key(canary):
    key = canary.value
    assert key.n == key.p * key.q
    assert key.n.bit_length() == canary.kind.width
    assert key.p.bit_length() == key.q.bit_length() == canary.kind.width // 2
    assert pow(pow(12345, key.e, key.n), key.d, key.n) == 12345
    assert (key.dp, key.dq) == (key.d % (key.p - 1), key.d % (key.q - 1))
    assert key.qinv * key.q % key.p == 1
    assert canary.int == key.d


def test_the_der_is_pkcs8_with_the_same_numbers(canary):
    key = canary.value
    ((_, outer),) = read_der(canary.bytes)
    version, _, (tag, inner) = read_der(outer)
    assert (version, tag) == (0, 4)
    ((_, numbers),) = read_der(inner)
    assert read_der(numbers) == [0, key.n, key.e, key.d, key.p, key.q, key.dp, key.dq, key.qinv]


def test_the_text_is_the_pem_of_the_der(canary):
    lines = canary.text.splitlines()
    assert (lines[0], lines[-1]) == ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----")
    assert {len(line) for line in lines[1:-2]} == {64}
    assert base64.b64decode("".join(lines[1:-1])) == canary.bytes


def test_two_keys_take_turns_and_are_equally_long():
    one, two, three = (mint(4, "turns", rsa(512), number) for number in (1, 2, 3))
    assert one.bytes == three.bytes != two.bytes
    assert (one.size, len(one.text)) == (two.size, len(two.text))


def test_all_keys_of_a_size_have_the_same_layout() -> None:
    for seed in range(12):
        canary = mint(seed, "layout", rsa(512), 1)
        key: Any = canary.value
        private, public = [canary.bytes.find(number.to_bytes(64, "big")) for number in (key.d, key.n)]
        assert private == public + 64 + 8
        assert len({canary.size, mint(99, "layout", rsa(512), 2).size}) == 1


def test_hints_give_the_same_key_as_the_search(monkeypatch):
    searched = make_key(21, "hinted", 512, 0)
    again = make_key(21, "hinted", 512, 0)
    monkeypatch.setattr("redactfuzz.model.canary.rsa_key._hints", _Hints())
    from_nothing = make_key(21, "hinted", 512, 0)
    assert searched == again == from_nothing


def test_the_repr_of_the_numbers_shows_none(canary):
    text = repr(canary.value)
    assert str(canary.value.p)[:8] not in text
    assert "512 bits" in text or "1024 bits" in text


def test_sources_hold_only_what_is_secret(canary):
    key = canary.value
    public = key.n.to_bytes((key.n.bit_length() + 7) // 8, "big")
    sources = list(canary.sources())
    assert sources
    for source in sources:
        clear = source.secret.clear()
        assert public[:8] not in clear
        assert b"-----" not in clear
