import copy
import gc
import json
import pickle
import pprint
from typing import Any

import pytest

from redactfuzz.model.canary import integer, literal, mint, probe, raw, rsa, token

KINDS: list[Any] = [
    token(32),
    token(12, alphabet="0123456789abcdefghijklmnopqrstuvwxyz-_.~+/=!"),
    raw(24),
    integer(256),
    integer(101),
    probe(),
    rsa(512),
    literal("correct horse 7Xq! battery"),
    literal(bytes(range(60, 120))),
]
IDS = [f"{kind.label}{index}" for index, kind in enumerate(KINDS)]


@pytest.fixture(params=KINDS, ids=IDS)
def canary(request):
    return mint(11, "signing key", request.param, 3)


def pieces(canary):
    """What must not be seen anywhere."""
    secret = canary.bytes
    return [canary.text, canary.text[:8], str(canary.int), secret.hex(), repr(secret)[2:-1]]


def show_everything(canary):
    return {
        "repr": repr(canary),
        "str": str(canary),
        "format": f"{canary} {canary!r} {canary:>60}",
        "percent": "%s %r" % (canary, canary),  # noqa: UP031
        "vars": repr(vars(canary)),
        "pprint": pprint.pformat([canary, vars(canary)]),
        "dict": repr(canary.__dict__),
        "slots": repr([getattr(canary, name) for name in type(canary).__slots__ if name != "__weakref__"]),
        "json": json.dumps(canary, default=str),
        "kind": repr(canary.kind),
    }


def test_whatever_shows_a_canary_shows_no_secret(canary):
    shown = show_everything(canary)
    assert shown
    for way, text in shown.items():
        assert not any(piece in text for piece in pieces(canary)), way


def test_repr_vars_and_format_say_what_to_use(canary):
    for text in (repr(canary), f"{canary}", repr(vars(canary))):
        assert "use .text" in text


def test_pickling_raises_and_says_what_to_use(canary):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=r"signing key.*use \.text"):
            pickle.dumps(canary, protocol)


def test_json_refuses_a_canary(canary):
    with pytest.raises(TypeError):
        json.dumps({"canary": canary})


def test_a_copy_is_the_same_object(canary):
    assert copy.copy(canary) is canary
    assert copy.deepcopy([canary])[0] is canary


def test_no_object_that_a_fresh_canary_keeps_alive_holds_the_secret_in_clear():
    for kind in KINDS[:6]:
        canary = mint(12, "fresh", kind, 5)
        reached, todo = {}, [canary]
        while todo:
            one = todo.pop()
            if id(one) not in reached and not isinstance(one, type):
                reached[id(one)] = one
                todo += gc.get_referents(one)
            if len(reached) > 3000:
                break
        held = list(reached.values())
        assert any(isinstance(one, bytes) for one in held)
        secret, text, number = canary.bytes, canary.text, canary.int
        for one in held:
            if isinstance(one, bytes):
                assert secret not in one
                assert secret[:8] not in one
            elif isinstance(one, str):
                assert text[:8] not in one
            elif isinstance(one, int):
                assert one != number


def test_write_into_fills_exactly_the_buffer_with_the_secret(canary):
    buffer = bytearray(canary.size + 4)
    canary.write_into(memoryview(buffer)[2:-2])
    assert bytes(buffer) == b"\0\0" + canary.bytes + b"\0\0"


def test_write_into_makes_no_object_that_holds_the_secret():
    canary = mint(13, "wiped", token(32), 1)
    buffer = bytearray(canary.size)
    made: list[object] = []
    import sys

    def watch(frame, event, arg):
        made.extend(frame.f_locals.values())
        return watch

    sys.settrace(watch)
    try:
        canary.write_into(buffer)
    finally:
        sys.settrace(None)
    secret = canary.bytes
    assert buffer == secret
    assert len(made) > 4
    others = [one for one in made if isinstance(one, bytes | bytearray | str) and one is not buffer]
    assert not any(secret[:6] in (one.encode() if isinstance(one, str) else one) for one in others)


def test_write_into_a_buffer_of_another_size_says_how_large_it_must_be(canary):
    with pytest.raises(ValueError, match=rf"signing key.*has {canary.size} bytes.*bytearray\(key\.size\)"):
        canary.write_into(bytearray(canary.size - 1))


def test_a_canary_is_forbidden_until_allowed(canary):
    assert not canary.allowed
    canary.allow()
    assert canary.allowed
    canary.forbid()
    assert not canary.allowed


def test_two_canaries_are_never_equal_though_their_secrets_are():
    one, other = (mint(1, "a", token(), 1) for _ in range(2))
    assert one.text == other.text
    assert one != other


def test_errors_of_a_canary_hold_no_secret():
    canary = mint(1, "a", token(), 1)
    with pytest.raises(AttributeError) as caught:
        canary.tex  # type: ignore[attr-defined]  # noqa: B018
    assert canary.text not in str(caught.value)
