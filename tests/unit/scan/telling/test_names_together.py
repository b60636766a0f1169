"""Names of many members are searched together: one that stands for a secret is hidden among hundreds, and no other."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable, Iterator

import pytest

from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.telling import names as module
from redactfuzz.scan.telling.names import Names

KEY: Canary = mint(19, "key", KINDS["token"](), 1)
OTHER: Canary = mint(20, "key", KINDS["token"](), 1)
NOISE = random.Random(3)
WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64 twice": lambda data: base64.b64encode(base64.b64encode(data)),
    "hexadecimal": lambda data: data.hex().encode(),
    "a list": lambda data: json.dumps(list(data)).encode(),
    "percent": lambda data: b"".join(b"%%%02x" % byte for byte in data),
    "gzip in base64": lambda data: base64.urlsafe_b64encode(gzip.compress(data * 3)),
    "base32": base64.b32encode,
}


def names() -> Names:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([KEY], [])
    return Names(lambda data: [(start, end) for start, end, *_ in matcher_set.marks(data)])


def among(name: bytes) -> list[bytes]:
    others = [b"/var/log/app-%d/%s.log" % (at, NOISE.randbytes(8).hex().encode()) for at in range(200)]
    return [*others[:77], name, *others[77:]]


@pytest.mark.parametrize("form", WRITTEN)
def test_a_name_that_stands_for_a_secret_is_hidden_and_no_other(form: str) -> None:
    given = among(b"/srv/" + WRITTEN[form](KEY.bytes))
    assert [at for at, shown in enumerate(names().shown(given)) if shown != given[at]] == [77]
    given = among(b"/srv/" + WRITTEN[form](OTHER.bytes))
    assert [*names().shown(given)] == given


def test_names_that_stand_for_nothing_are_derived_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    spelled = module._spelled

    def counted(name: bytes) -> list[bytes] | None:
        asked.append(name)
        return spelled(name)

    monkeypatch.setattr(module, "_spelled", counted)
    given = among(b"/srv/nothing")
    assert [*names().shown(given)] == given
    assert len(asked) == 1
    assert any(shown is None for shown in _shown(b"/srv/" + base64.b64encode(KEY.bytes)))
    assert len(asked) > 200


def _shown(name: bytes) -> Iterator[bytes | None]:
    return names().shown(among(name))
