"""Hashes and methods give up the interpreter lock where there is much data: what they were handed decides."""

from __future__ import annotations

import hashlib
import hmac
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import run

from redactfuzz import Race
from redactfuzz.model.outcome import ProblemKind

SMALL: dict[str, Callable[[bytes], object]] = {
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "md5": lambda data: hashlib.md5(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "without data": lambda data: hashlib.sha256().hexdigest(),
    "bound update": lambda data: [update(data) for update in [hashlib.sha256().update]],
    "crc32": zlib.crc32,
    "adler32": zlib.adler32,
}


@pytest.mark.parametrize("name", SMALL)
def test_a_hash_of_little_data_keeps_the_lock_and_is_not_opaque_even_of_a_canary(name: str) -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.thread(lambda: SMALL[name](key.bytes))

    assert not run(body).problems


@pytest.mark.parametrize("name", ["sha256", "md5", "blake2b", "crc32", "adler32"])
def test_a_hash_of_much_data_that_holds_a_canary_is_inconclusive_where_others_can_change_it(name: str) -> None:
    def body(race: Race, kind: Callable[[bytes], Any]) -> None:
        key = race.canary("key")
        race.thread(lambda: SMALL[name](kind(key.bytes + bytes(6000))))

    changing = run(lambda race: body(race, bytearray))
    assert "was handed a canary" in changing.problem(ProblemKind.OPAQUE_CANARY).what
    immutable = run(lambda race: body(race, bytes))
    assert immutable.fatal == []
    assert immutable.problem(ProblemKind.OPAQUE)


def update_among_others(data: bytes) -> None:
    digest = hashlib.sha256()
    [1, [2, (3, digest.update(data))]]


def update_by_star(data: bytes) -> None:
    arguments = (data,)
    hashlib.sha256().update(*arguments)


def in_a_generator(data: bytes) -> None:
    def generator() -> Any:
        yield 1
        hashlib.sha256().update(data)

    list(generator())


def in_a_coroutine(data: bytes) -> None:
    async def coroutine() -> None:
        hashlib.sha256().update(data)

    with pytest.raises(StopIteration):
        coroutine().send(None)


def in_a_handler(data: bytes) -> None:
    try:
        raise KeyError
    except KeyError:
        for _ in (1,):
            with Path(os.devnull).open("rb"):
                hashlib.sha256().update(data)


def by_name(data: bytes) -> None:
    hashlib.sha256(data, usedforsecurity=False)


METHODS = [update_among_others, update_by_star, in_a_generator, in_a_coroutine, in_a_handler, by_name]


@pytest.mark.parametrize("method", METHODS)
def test_the_arguments_of_a_method_are_known_on_every_interpreter(method: Callable[[bytes], None]) -> None:
    def body(race: Race, filler: int) -> None:
        key = race.canary("key")
        race.thread(method, bytearray(key.bytes + bytes(filler)))

    large = run(lambda race: body(race, 6_000))
    assert "hash" in large.problem(ProblemKind.OPAQUE_CANARY).what.lower()
    small = run(lambda race: body(race, 0))
    assert not [problem for problem in small.problems if "hash" in problem.what.lower()]


def test_a_large_argument_without_a_canary_is_listed_and_accuses_nobody() -> None:
    def body(race: Race) -> None:
        race.canary("key")
        race.thread(hashlib.sha256().update, bytes(6_000))
        race.thread(lambda: hashlib.sha256().update(bytes(6_000)))

    ran = run(body)
    assert ran.fatal == []
    assert "_hashlib.HASH.update" in ran.problem(ProblemKind.OPAQUE).what


KEYED: dict[str, Callable[[bytes], object]] = {
    "key": lambda key: hmac.digest(key, b"text", "sha256"),
    "data": lambda data: hmac.digest(b"key", data, "sha256"),
}


@pytest.mark.parametrize("name", KEYED)
def test_a_keyed_hash_that_gives_up_the_lock_is_listed_and_no_failure(name: str) -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.thread(lambda: KEYED[name](key.bytes))

    ran = run(body)
    assert ran.fatal == []
    assert ran.problem(ProblemKind.OPAQUE)


def test_a_keyed_hash_of_a_secret_that_others_can_change_meanwhile_is_inconclusive() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.thread(lambda: hmac.digest(b"key", bytearray(key.bytes), "sha256"))

    assert "was handed a canary" in run(body).problem(ProblemKind.OPAQUE_CANARY).what


def test_a_keyed_hash_of_little_data_keeps_the_lock() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.thread(lambda: hmac.new(key.bytes, key.bytes, "sha256").digest())

    assert not run(body).problems
