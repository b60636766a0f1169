"""Line 2.6: a redactor that the first request puts in place hides no leak in the executions that follow."""

from __future__ import annotations

from collections.abc import Callable

from truth import LEAK, case

from redactfuzz import Race

Hook = Callable[[str], str]


def _plain(text: str) -> str:
    return text


def _masked(text: object) -> str:
    return "***"


HOOKS: list[Hook] = [lambda text: text]
KINDS: dict[str, type] = {}


class Shown:
    """Its text is shown."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    said = property(lambda self: self.text)


class Spoken(Shown):
    """The same with another method."""


class Empty:
    """Has nothing, until it masks."""


class Masks:
    """Is no other than Empty, but for its name."""


class Guard:
    """Holds whether it is on in a slot of a private name."""

    __slots__ = ("__on",)

    def turn_on(self) -> None:
        """From now on."""
        self.__on = True

    def is_on(self) -> bool:
        """Whether it was turned on."""
        return hasattr(self, "_Guard__on")


GUARD = Guard()
hook: Hook = _plain


def _replace_function() -> None:
    global hook
    hook = _masked


INSTALLED: dict[str, tuple[Callable[[], object], Hook]] = {
    "a_function": (_replace_function, lambda text: hook(text)),
    "a_function_in_a_list": (lambda: HOOKS.__setitem__(0, lambda text: "***"), lambda text: HOOKS[0](text)),
    "a_method_with_underscores": (lambda: setattr(Shown, "__repr__", _masked), lambda text: f"{Shown(text)!r}"),
    "a_property": (lambda: setattr(Spoken, "said", property(_masked)), lambda text: str(Spoken(text).said)),
    "a_first_attribute": (
        lambda: setattr(Empty, "masks", True),
        lambda text: "***" if hasattr(Empty, "masks") else text,
    ),
    "a_class": (lambda: KINDS.update(kind=Masks), lambda text: "***" if KINDS.get("kind", Empty) is Masks else text),
    "a_private_slot": (GUARD.turn_on, lambda text: "***" if GUARD.is_on() else text),
}
KINDS["kind"] = Empty


def _step(number: int) -> int:
    return number + 1


def first_request(install: Callable[[], object], show: Hook) -> Callable[[Race], None]:
    """A request has a window, and then puts something in place; ``show`` gives what a dump shows of a text."""

    def body(race: Race) -> None:
        key = race.canary("key").text
        record = [""]

        def handle() -> None:
            for number in range(40):
                _step(number)
            record[0] = key
            _step(0)
            record[0] = ""
            install()

        race.thread(handle)
        race.crash(race.redactor(lambda: show(record[0]), bypass=lambda: key))

    return body


for name, (install, show) in INSTALLED.items():
    masked = first_request(install, show)
    masked.__name__ = f"{name}_is_put_in_place_by_the_first_request"
    masked.__doc__ = "Only the first execution of a process has the window, and all that follow are masked."
    case("2.6", LEAK, executions=2000, seconds=120)(masked)
