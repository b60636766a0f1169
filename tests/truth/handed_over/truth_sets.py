"""Line 2.2: the order of a set of text is that of this process; under half of the hash seeds it is the other one."""

from __future__ import annotations

import operator
import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race

NOT_PROVED = PASS - {"PROVED"}
Picks = Callable[[set[str]], str]


def _first(names: set[str]) -> str:
    return next(iter(names))


def _last(names: set[str]) -> str:
    chosen = ""
    for name in names:
        chosen = name
    return chosen


def _popped(names: set[str]) -> str:
    return names.pop()


def _of_bytes(names: set[str]) -> str:
    return min(enumerate(frozenset(name.encode() for name in names)))[1].decode()


def _joined(names: set[str]) -> str:
    return ",".join(names).split(",")[0]


def _joined_bytes(names: set[str]) -> str:
    return b",".join({name.encode() for name in names}).split(b",")[0].decode()


def _listed(names: set[str]) -> str:
    return list(names)[0]  # noqa: RUF015  # it is what takes another way than next()


def _extended(names: set[str]) -> str:
    chosen: list[str] = []
    chosen.extend(names)
    return chosen[0]


def _added(names: set[str]) -> str:
    chosen: list[str] = []
    chosen += names
    return chosen[0]


def _keys(names: set[str]) -> str:
    return next(iter(dict.fromkeys(names, 1)))


def _shown(names: set[str]) -> str:
    return f"{frozenset(names)}".split("'")[1]


class Names(set[str]):
    """A set in all but its name."""


class Known(Names):
    """One of one."""


class Fixed(frozenset[str]):
    """The same of a set that nobody can change."""


def _of_a_class(names: set[str]) -> str:
    return next(iter(Names(names)))


def _of_a_class_of_a_class(names: set[str]) -> str:
    return next(iter(Known(names)))


def _fixed(names: set[str]) -> str:
    return next(iter(Fixed(names)))


def _shown_with_its_class(names: set[str]) -> str:
    said = repr(Names(names))
    assert said in ("Names({'raw', 'masked'})", "Names({'masked', 'raw'})")
    return said.split("'")[1]


class Asked(set[str]):
    """Goes through itself as the class below it does."""

    items = set.__iter__

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()


def _asked(names: set[str]) -> str:
    return next(iter(Asked(names)))


def _under_another_name(names: set[str]) -> str:
    return next(Asked(names).items())


def _by_name(names: set[str]) -> str:
    return next(operator.methodcaller("__iter__")(names))


def _of_one_that_was_larger(names: set[str]) -> str:
    """It has another order than the same names in a set that was not, under most seeds."""
    larger = {*names, *map(str, range(30))}
    for number in range(30):
        larger.discard(str(number))
    return "raw" if list(larger) != list(names) else "masked"


def _sorted(names: set[str]) -> str:
    return min(names)


PICKS: dict[str, Picks] = {"the_first": _first, "the_last": _last, "one_that_is_popped": _popped, "bytes": _of_bytes}
PICKS |= {"joined": _joined, "joined_bytes": _joined_bytes, "list": _listed, "extend": _extended, "add_to_list": _added}
PICKS |= {"from_keys": _keys, "repr": _shown, "class": _of_a_class, "class_of_a_class": _of_a_class_of_a_class}
PICKS |= {"fixed_class": _fixed, "repr_of_a_class": _shown_with_its_class, "asked": _asked, "by_name": _by_name}
PICKS |= {"under_another_name": _under_another_name, "one_that_was_larger": _of_one_that_was_larger}


def _guarded(picks: Picks, raw: str) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def tell() -> None:
            race.dump(key.text if picks({"raw", "masked"}) == raw else mask(key.text))

        race.thread(tell)
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, picks in PICKS.items():
    for raw in ("raw", "masked"):
        leaks = _guarded(picks, raw)
        leaks.__name__ = f"a_mask_unless_{name}_of_a_set_is_{raw}"
        leaks.__doc__ = f"What is masked depends on {name.replace('_', ' ')} of two names in a set; '{raw}' is not."
        case("2.2", LEAK, executions=300)(leaks)

right = _guarded(_sorted, "raw")
right.__name__ = "a_mask_unless_the_least_of_a_set_is_raw"
right.__doc__ = "The least of two names in a set is the same under every hash seed."
case("2.2", frozenset({"PROVED"}), strategy="exhaustive", granularity="switches", executions=2000)(right)


@case("2.2", NOT_PROVED, "hash()", strategy="exhaustive", granularity="switches", executions=2000)
def the_hash_of_a_name(race: Race) -> None:
    """Which of two ways it goes follows from the hash of a name, under any seed."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: race.dump(mask(key.text) if hash("worker") % 2 else "nothing"))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.2", NOT_PROVED, "reverse", strategy="exhaustive", granularity="switches", executions=2000)
def more_than_two_names_in_a_set(race: Race) -> None:
    """Three names have six orders, of which two are tried: nothing is proved."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: race.dump([mask(key.text) for _ in {"a", "b", "c"}]))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.2", frozenset({"PROVED"}), strategy="exhaustive", granularity="switches", executions=2000)
def numbers_in_a_set(race: Race) -> None:
    """The order of a set of numbers follows from no hash seed."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: race.dump([mask(key.text) for _ in {1, 2, 3}]))
    race.crash(lambda: mask(f"died with {key.text}"))


class Kind(Enum):
    """Its members hash by their names."""

    RAW = 1
    MASKED = 2


@dataclass(frozen=True)
class Named:
    """Hashes by its name."""

    name: str


KINDS: dict[str, tuple[set[Any], Any]] = {
    "enum": (set(Kind), Kind.RAW),
    "dataclasses": ({Named("raw"), Named("masked")}, Named("raw")),
    "paths": ({Path("raw"), Path("masked")}, Path("raw")),
    "dates": ({date(2026, 1, 1), date(2026, 1, 2)}, date(2026, 1, 1)),
    "frozensets": ({frozenset({"raw"}), frozenset({"masked"})}, frozenset({"raw"})),
    "classes": ({Kind, Named}, Kind),
    "a_number_and_a_text": ({5, "raw"}, "raw"),
}
HASHED: dict[str, Any] = {"path": Path("a"), "date": date(2026, 1, 1), "frozenset": frozenset({"a"})}
HASHED["dataclass"] = Named("a")
ASKED: dict[str, Callable[[], object]] = {"address": lambda: id(NOT_PROVED), "load": os.getloadavg}
ASKED["usage"] = lambda: resource.getrusage(0)


def _decides(choice: Callable[[], object]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: race.dump(key.text if choice() else mask(key.text)))
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, (kinds, one) in KINDS.items():
    for wanted in (True, False):
        first = _decides(lambda kinds=kinds, one=one, wanted=wanted: (next(iter(kinds)) == one) is wanted)
        first.__name__ = f"the_first_of_{name}_is_{'' if wanted else 'not_'}raw"
        first.__doc__ = "Which of two objects comes first in a set follows from the hash of a text, or from addresses."
        case("2.2", LEAK, executions=300)(first)

for name, hashed in HASHED.items():
    odd = _decides(lambda hashed=hashed: hash(hashed) % 2 == hash(hashed) % 4 == 5)
    odd.__name__ = f"the_hash_of_a_{name}"
    odd.__doc__ = "The hash of an object follows from the hash seed: nothing is proved, whatever it decides."
    case("2.2", NOT_PROVED, "hash()", strategy="exhaustive", granularity="switches", executions=200)(odd)

numbers = _decides(lambda: next(iter({Decimal(7), 0.5})) == 5)
numbers.__name__ = "the_hash_of_numbers"
numbers.__doc__ = "Numbers of any kind hash as their values, under every seed."
case("2.2", frozenset({"PROVED"}), strategy="exhaustive", granularity="switches", executions=4000)(numbers)

for name, asked in ASKED.items():
    busy = _decides(lambda asked=asked: asked() is None)
    busy.__name__ = f"the_{name}_of_this_run"
    busy.__doc__ = "What another run has another of was asked for: nothing is proved, whatever it decides."
    case("2.2", NOT_PROVED, "runs have", strategy="exhaustive", granularity="switches", executions=2000)(busy)


def _beside(other: str) -> str:
    """A name that has the same place in a table of eight: which comes first follows from what was put in first."""
    return next(name for name in map("name {}".format, range(1000)) if hash(name) % 8 == hash(other) % 8)


MADE: dict[str, Callable[[set[str]], Any]] = {"set": set, "frozenset": frozenset}
MADE["bytes"] = lambda names: {name.encode() for name in names}
for name, make in MADE.items():
    for rank, place in enumerate(("first", "second")):
        pair = ("raw", _beside("raw")) if rank else (_beside("raw"), "raw")
        made = _decides(lambda make=make, pair=pair: min(enumerate(make({*pair})))[1] in ("raw", b"raw"))
        made.__name__ = f"a_{name}_made_of_a_set_whose_{place}_meets_raw_in_the_table"
        made.__doc__ = "Under other seeds both have the other order, also where what was put in first decides here."
        case("2.2", LEAK, executions=300)(made)


def _orders(count: int) -> list[bool]:
    return [next(iter({f"raw {at}", f"masked {at}"})) == f"raw {at}" for at in range(count)]


for name, decides in {"the_same": lambda a, b: a == b, "another": lambda a, b: a != b}.items():
    for how, options in {"searched": {}, "proved": {"strategy": "exhaustive", "granularity": "switches"}}.items():
        apart = _decides(lambda decides=decides: decides(*_orders(2)))
        apart.__name__ = f"two_sets_have_{name}_order_{how}"
        apart.__doc__ = "Of two sets of other texts, under a quarter of the seeds one alone has the other order."
        case("2.2", LEAK, executions=2000 if options else 300, **options)(apart)

many = _decides(lambda: len(_orders(32)) != 32)
many.__name__ = "more_sets_than_have_bits"
many.__doc__ = "Of 32 sets each has one of 31 bits, so two are turned together: no proof."
case("2.2", NOT_PROVED, "31 numbers", strategy="exhaustive", granularity="switches", executions=2000)(many)


class _Filter:
    """What loggers have in front of their handlers: a set of secrets that grows while records come in."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.lines: list[str] = []

    def log(self, text: str) -> None:
        for secret in tuple(self.secrets):
            if secret in text:
                text = text.replace(secret, "[redacted]")
        self.lines.append(text)

    def log_or_give_up(self, text: str) -> None:
        masked = text
        try:
            for secret in self.secrets:
                int("1")
                masked = masked.replace(secret, "[redacted]")
        except RuntimeError:  # the set has grown meanwhile
            masked = text
        self.lines.append(masked)


def _rotated(*, late: bool = False, gives_up: bool = False) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        old, new, third = (race.canary(name).text for name in ("old", "new", "third"))
        made = _Filter()
        log = race.redactor(made.log_or_give_up if gives_up else made.log, bypass=made.lines.append)
        made.secrets.add(old)
        key = [old]

        def rotate() -> None:
            for fresh in (new, third):
                if late:
                    key[0] = fresh
                made.secrets.add(fresh)
                key[0] = fresh

        race.thread(lambda: [log(f"{turn} with {key[0]}") for turn in ("once", "again")], name="request")
        race.thread(rotate, name="rotate")
        race.crash(lambda: "\n".join(made.lines))

    return body


_DRAWN = "other canaries in each execution"
ROTATED: dict[str, tuple[str, frozenset[str], str, dict[str, bool]]] = {
    "before_its_use": ("A filter knows each secret of its set before that is used.", PASS, _DRAWN, {}),
    "behind_its_use": ("A filter hears of each secret when it is in use already.", LEAK, "", {"late": True}),
    "while_it_is_gone_through": ("A filter gives up where its set grows meanwhile.", LEAK, "", {"gives_up": True}),
}
for name, (what, expected, says, given) in ROTATED.items():
    rotated = _rotated(**given)
    rotated.__name__ = f"a_set_of_secrets_grows_{name}"
    rotated.__doc__ = what
    case("41.7", expected, says, executions=120)(rotated)
