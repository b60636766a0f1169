"""What may be derived from a secret is computed from it, and nothing else is taken for it."""

from __future__ import annotations

import base64
import hashlib

import pytest

from redactfuzz.model.canary import mint, raw, token
from redactfuzz.model.outcome import Dump
from redactfuzz.model.recording import Recording
from redactfuzz.scan import Recorder

KEY = mint(1, "key", token(), 1)


def fresh(kind: object = None) -> object:
    return mint(1, "key", kind or token(), 1)  # type: ignore[arg-type]


def recorded(data: object, canary: object) -> Recording:
    recording = Recorder()([Dump("crash", data)], {"key": canary}, {}, 1).recording  # type: ignore[dict-item]
    assert recording is not None
    return recording


@pytest.mark.parametrize(
    ("told", "made"),
    [
        ("sha256 hex", lambda data: hashlib.sha256(data).hexdigest()),
        ("md5 hex 8", lambda data: hashlib.md5(data).hexdigest()[:8]),
        ("SHA1 base64", lambda data: base64.b64encode(hashlib.sha1(data).digest()).decode()),
        ("sha512 hex", lambda data: hashlib.sha512(data).hexdigest().upper()),
        ("shake_128 hex 16", lambda data: hashlib.shake_128(data).hexdigest(32)[:16]),
    ],
)
def test_a_declared_digest_is_taken_out(told: str, made: object) -> None:
    canary = fresh()
    canary.allow_derived(told)  # type: ignore[attr-defined]
    text = f"fingerprint {made(KEY.bytes)}, end"  # type: ignore[operator]
    assert recorded(text, canary).dumps[0].data == b"fingerprint <derived from key>, end"


def test_what_is_another_digest_stays() -> None:
    canary = fresh()
    canary.allow_derived("sha256 hex")  # type: ignore[attr-defined]
    text = hashlib.md5(KEY.bytes).hexdigest()
    assert recorded(text, canary).dumps[0].data == text.encode()


def test_a_callable_computes_from_the_value() -> None:
    canary = fresh()
    canary.allow_derived(lambda value: f"****{value[-4:]}")  # type: ignore[attr-defined]
    assert recorded(f"token ****{KEY.text[-4:]}", canary).dumps[0].data == b"token <derived from key>"
    number = fresh(raw(16))
    number.allow_derived(lambda value: sum(value))  # type: ignore[attr-defined]
    assert b"<derived" in recorded(str(sum(mint(1, "key", raw(16), 1).bytes)), number).dumps[0].data


def test_a_callable_that_fails_is_told_without_what_it_says() -> None:
    canary = fresh()

    def wrong(value: str) -> str:
        raise ValueError(value)

    canary.allow_derived(wrong)  # type: ignore[attr-defined]
    (told,) = recorded("x", canary).failed
    assert told == "what was declared to be derived from 'key' could not be computed: ValueError"


@pytest.mark.parametrize("told", ["sha256", "sha256 rot13", "nothing hex", "sha256 hex eight", ""])
def test_what_is_no_digest_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="allow_derived"):
        KEY.allow_derived(told)


def test_a_recording_shows_no_byte() -> None:
    assert KEY.text not in repr(Recorder()([Dump("crash", KEY.text)], {"key": KEY}, {}, 1))
    assert KEY.text not in repr(recorded(KEY.text, KEY))


def test_what_is_too_large_is_not_compared() -> None:
    assert recorded(b"x" * (9 << 20), KEY).dumps[0].unread == "it has 9,437,184 bytes"
