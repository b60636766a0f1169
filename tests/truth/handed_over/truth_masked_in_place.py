"""Line 2.1: what is handed over is read as it was at that moment, whatever its type."""

from __future__ import annotations

import array
import dataclasses
from collections import ChainMap, OrderedDict, UserDict, UserList, UserString, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

import attrs
from truth import LEAK, PASS, WITHHELD, case

from redactfuzz import Race

Event = tuple[Any, Callable[[str], None]]
"""What is handed over, and what puts a text into it."""


class Fields(Mapping[str, str]):
    """A mapping of nobody's making but the user's."""

    def __init__(self) -> None:
        self.values_of = {"message": ""}

    def __getitem__(self, key: str) -> str:
        return self.values_of[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_of)

    def __len__(self) -> int:
        return len(self.values_of)


class Lines(Sequence[str]):
    """The same as a sequence."""

    def __init__(self) -> None:
        self.lines = [""]

    def __getitem__(self, index: Any) -> Any:
        return self.lines[index]

    def __len__(self) -> int:
        return len(self.lines)


class Tags(Set[str]):
    """The same as a set."""

    def __init__(self) -> None:
        self.tags = [""]

    def __contains__(self, tag: object) -> bool:
        return tag in self.tags

    def __iter__(self) -> Iterator[str]:
        return iter(self.tags)

    def __len__(self) -> int:
        return len(self.tags)


class Ordered(OrderedDict[str, str]):
    """A subclass of a subclass."""


@dataclasses.dataclass
class Record:
    """Fields that are declared."""

    message: str = ""


@attrs.define
class Entry:
    """The same with attrs."""

    message: str = ""


def _set(target: Any, key: Any) -> Callable[[str], None]:
    def put(text: str) -> None:
        target[key] = text

    return put


def user_dict() -> Event:
    data = UserDict(message="")
    return data, _set(data, "message")


def user_list() -> Event:
    data = UserList([""])
    return data, _set(data, 0)


def ring() -> Event:
    data = deque([""])
    return data, _set(data, 0)


def members() -> Event:
    data: set[str] = set()

    def put(text: str) -> None:
        data.clear()
        data.add(text)

    return data, put


def layered() -> Event:
    inner = {"message": ""}
    return ChainMap({}, inner), _set(inner, "message")


def view_of_values() -> Event:
    inner = {"message": ""}
    return inner.values(), _set(inner, "message")


def view_of_items() -> Event:
    inner = {"message": ""}
    return {"all": [inner.items()]}, _set(inner, "message")


def proxy() -> Event:
    inner = {"message": ""}
    return MappingProxyType(inner), _set(inner, "message")


def text_array() -> Event:
    data = array.array("u", " " * 32)

    def put(text: str) -> None:
        data[:] = array.array("u", (text + " " * 32)[:32])

    return data, put


def memory() -> Event:
    data = bytearray(32)

    def put(text: str) -> None:
        data[:] = (text.encode() + bytes(32))[:32]

    return {"raw": (memoryview(data),)}, put


def mapping() -> Event:
    data = Fields()
    return data, _set(data.values_of, "message")


def sequence() -> Event:
    data = Lines()
    return data, _set(data.lines, 0)


def custom_set() -> Event:
    data = Tags()
    return data, _set(data.tags, 0)


def ordered() -> Event:
    data = Ordered(message="")
    return data, _set(data, "message")


def by_default() -> Event:
    data: defaultdict[str, dict[str, str]] = defaultdict(dict)
    return data, _set(data["extra"], "message")


def record() -> Event:
    data = Record()

    def put(text: str) -> None:
        data.message = text

    return [data], put


def entry() -> Event:
    data = Entry()

    def put(text: str) -> None:
        data.message = text

    return {"entry": data}, put


def mixture() -> Event:
    inner = UserDict(message="")
    return [deque([ChainMap({"a": MappingProxyType({"b": UserList([(inner,)])})})])], _set(inner, "message")


def in_a_key() -> Event:
    data: UserDict[Any, Any] = UserDict()

    def put(text: str) -> None:
        data.clear()
        data[(1, text)] = 1

    return data, put


MADE: tuple[Callable[[], Event], ...] = (
    user_dict,
    user_list,
    ring,
    members,
    layered,
    view_of_values,
    view_of_items,
    proxy,
    text_array,
    memory,
    mapping,
    sequence,
    custom_set,
    ordered,
    by_default,
    record,
    entry,
    mixture,
    in_a_key,
)


def _masked_later(make: Callable[[], Event]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: "[key]")
        event, put = make()
        put(key.text)

        def report() -> None:
            race.dump(event)
            put(mask(key.text))

        race.thread(report)

    return body


def _filled_later(make: Callable[[], Event]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: "[key]")
        event, put = make()

        def report() -> None:
            put(mask(key.text))
            race.dump(event)
            put(key.text)

        race.thread(report)

    return body


for made in MADE:
    name = made.__name__
    bad, good = _masked_later(made), _filled_later(made)
    bad.__name__, good.__name__ = f"{name}_masked_after_the_hand_over", f"{name}_filled_after_the_hand_over"
    bad.__doc__ = f"A dump ({name}) with the secret is handed over, then masked in place."
    good.__doc__ = f"A clean dump ({name}) is handed over; the secret comes into it later."
    case("2.1", LEAK)(bad)
    case("2.1", PASS)(good)


class Discreet(str):
    """A text that tells something else than it is."""

    def encode(self, *args: Any) -> bytes:
        return b"[key]"

    def __str__(self) -> str:
        return "[key]"

    def __iter__(self) -> Iterator[str]:
        return iter("[key]")


class DiscreetBytes(bytes):
    """The same for bytes."""

    def __bytes__(self) -> bytes:
        return b"[key]"

    def __iter__(self) -> Iterator[int]:
        return iter(b"[key]")

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(b"[key]")


class Empty(dict[str, str]):
    """A dict that says it is empty."""

    def items(self) -> Any:
        return {}.items()

    def __iter__(self) -> Iterator[str]:
        return iter(())


def _handed(wrap: Callable[[str], Any], redacted: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: "[key]")
        race.thread(lambda: race.dump(wrap(mask(key.text) if redacted else mask(key.text) and key.text)))

    return body


for named, wrap in {
    "a_str_subclass": Discreet,
    "a_str_subclass_inside": lambda text: {"a": (Discreet(text),)},
    "a_bytes_subclass": lambda text: DiscreetBytes(text.encode()),
    "a_dict_subclass": lambda text: Empty(message=text),
    "a_user_string": UserString,
    "a_key_of_a_str_subclass": lambda text: {Discreet(text): 1},
}.items():
    bad, good = _handed(wrap, redacted=False), _handed(wrap, redacted=True)
    bad.__name__, good.__name__ = f"{named}_holds_the_secret", f"{named}_holds_none"
    bad.__doc__ = f"What is handed over ({named}) holds the secret, and its methods say otherwise."
    good.__doc__ = f"What is handed over ({named}) holds a redacted text."
    case("2.1", LEAK)(bad)
    case("2.1", PASS)(good)


@case("2.1", WITHHELD, "JSON cannot hold a generator")
def an_iterator_is_named(race: Race) -> None:
    """A generator cannot be read without being used up: it is named, and there is no pass."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    race.thread(lambda: race.dump({"lines": (part for part in (mask(key.text),))}))


@case("2.1", WITHHELD, "more than 4,000,000 values", executions=20)
def a_sequence_without_end_is_named(race: Race) -> None:
    """A sequence of a trillion numbers is not read to its end: that is said, and there is no pass."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    race.thread(lambda: race.dump([mask(key.text), range(10**12)]))
