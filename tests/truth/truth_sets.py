"""Line 2.2: the order of a set of text is that of this process; under half of the hash seeds it is the other one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

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


def _sorted(names: set[str]) -> str:
    return min(names)


PICKS: dict[str, Picks] = {"the_first": _first, "the_last": _last, "one_that_is_popped": _popped, "bytes": _of_bytes}
PICKS |= {"joined": _joined, "joined_bytes": _joined_bytes, "list": _listed, "extend": _extended, "add_to_list": _added}
PICKS |= {"from_keys": _keys, "repr": _shown}


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


for name, kinds in (("an_enum", set(Kind)), ("a_dataclass", {Named("raw"), Named("masked")})):

    def by_hash(race: Race, kinds: set[object] = kinds) -> None:
        """Which of two objects comes first follows from the hash of a text: nothing is proved."""
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: race.dump([mask(key.text) for _ in kinds]))
        race.crash(lambda: mask(f"died with {key.text}"))

    by_hash.__name__ = f"the_order_of_{name}_in_a_set"
    case("2.2", NOT_PROVED, "of their own", strategy="exhaustive", granularity="switches", executions=2000)(by_hash)
