"""Line 2.1: an object that is handed over is read whole, or it is said that it was not."""

from __future__ import annotations

import dataclasses
import email.message
import sqlite3
import xml.etree.ElementTree as ET
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from truth import LEAK, PASS, UNACCUSED, WITHHELD, case

from redactfuzz import Race


class Event(dict[str, Any]):
    """Its text is an attribute, beside the items, with a helper that JSON has no word for."""

    def __init__(self, text: str) -> None:
        super().__init__(level="error")
        self.text = text
        self.helper = object()


class Batch(list[str]):
    """Its attributes are slots."""

    __slots__ = ("source",)

    def __init__(self, text: str) -> None:
        super().__init__(["one"])
        self.source = {"from": text}


class Looks:
    """Has what dict() asks for, and more."""

    def __init__(self, text: str) -> None:
        self.text = text

    def keys(self) -> list[str]:
        return ["id"]

    def __getitem__(self, name: str) -> int:
        return 1


class Masked(Mapping[str, str]):
    """A view of a document that masks what is asked for."""

    def __init__(self, raw: dict[str, str]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        return "*" * len(self._raw[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@dataclasses.dataclass
class Report:
    """A record that is given one field more than it declares."""

    level: str = "error"


class Slotted(Report):
    """Adds a slot, and no field."""

    __slots__ = ("text",)


class Held(UserDict[str, str]):
    """Its text is an attribute, beside the items."""


class TextPath(str):
    """A path as path.py has it: text by its class."""

    __slots__ = ()

    def __fspath__(self) -> str:
        return str(self)


class Alike(dict[str, Any]):
    """Its items are its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(text=text)
        self.__dict__ = self


def _message(text: str) -> Any:
    made = email.message.Message()
    made["To"] = "somebody"
    made.set_payload(f"password {text}")
    return made


def _element(text: str) -> Any:
    made = ET.Element("a", id="x")
    ET.SubElement(made, "b").text = text
    return made


def _cookie(text: str) -> Any:
    made: Any = SimpleCookie()
    made["sid"] = text
    return made


def _row(text: str) -> Any:
    with sqlite3.connect(":memory:") as database:
        database.row_factory = sqlite3.Row
        return database.execute("select ? as id, 'x' as id", (text,)).fetchone()


def _column(text: str) -> Any:
    with sqlite3.connect(":memory:") as database:
        database.row_factory = sqlite3.Row
        return database.execute(f'select 1 as "{text}"').fetchone()


def _with_text(made: Any, text: str) -> Any:
    made.text = text
    return made


OBJECTS: dict[str, tuple[Callable[[str], Any], bool]] = {
    "a_message": (_message, False),
    "an_element": (_element, False),
    "what_looks_like_a_mapping": (Looks, False),
    "a_cookie": (_cookie, True),
    "a_row_with_two_columns_of_one_name": (_row, True),
    "a_row_whose_column_is_named_so": (_column, True),
    "an_attribute_of_a_dict": (Event, True),
    "a_slot_of_a_list": (Batch, True),
    "a_dict_that_is_its_attributes": (Alike, True),
    "an_attribute_of_a_dataclass": (lambda text: _with_text(Report(), text), True),
    "a_slot_of_a_dataclass": (lambda text: _with_text(Slotted(), text), True),
    "an_attribute_of_a_user_dict": (lambda text: _with_text(Held(level="error"), text), True),
    "a_user_dict": (lambda text: UserDict(text=text), True),
}
"""By name: what makes it of a text, and whether it can be read."""


def _dumped(make: Callable[[str], Any], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: race.dump(make("hidden" if masked else key.text)))
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, (make, read) in OBJECTS.items():
    bad, good = _dumped(make, masked=False), _dumped(make, masked=True)
    bad.__name__, good.__name__ = f"the_secret_in_{name}", f"nothing_in_{name}"
    bad.__doc__ = f"The secret is in {name.replace('_', ' ')}, which is dumped as the object that it is."
    good.__doc__ = "The same object, without the secret."
    case("2.1", LEAK if read else WITHHELD, executions=20)(bad)
    case("2.1", PASS if read else UNACCUSED, executions=20)(good)


def _in_a_file(race: Race, *, right: bool) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    path = TextPath(race.tmp_path / "report.txt")
    Path(path).write_text(mask(key.text) if right else key.text)
    race.thread(lambda: race.dump(path))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.1", LEAK, executions=20)
def a_path_that_is_text_leaks(race: Race) -> None:
    """A file whose path is of a class that is text, too."""
    _in_a_file(race, right=False)


@case("2.1", PASS, executions=20)
def a_path_that_is_text_right(race: Race) -> None:
    """The same with a masked file."""
    _in_a_file(race, right=True)


@case("2.1", PASS, executions=20)
def a_view_that_masks(race: Race) -> None:
    """A mapping that keeps the document, and shows it masked."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: race.dump(Masked({"key": key.text})))
    race.crash(lambda: mask(f"died with {key.text}"))
