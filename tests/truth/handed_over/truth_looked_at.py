"""Line 2.6: to look for what is left runs nothing of the program, and sees what a look at globals alone does not."""

from __future__ import annotations

import functools
import sys
import threading
import types
from collections.abc import Callable, Iterator, Mapping

from truth import LEAK, PASS, case
from truth_put_in_place import first_request

from redactfuzz import Race


class Safe(Mapping[str, str]):
    """A mapping that threads may share."""

    def __init__(self, **items: str) -> None:
        self.lock = threading.Lock()
        self.inside = dict(items)

    def __getitem__(self, key: str) -> str:
        with self.lock:
            return self.inside[key]

    def __iter__(self) -> Iterator[str]:
        with self.lock:
            return iter(list(self.inside))

    def __len__(self) -> int:
        with self.lock:
            return len(self.inside)


TABLE = Safe(user="u")


@case("2.6", PASS, executions=40)
def a_table_whose_lock_the_dying_process_keeps(race: Race) -> None:
    """The handler takes the lock of a table, so that nobody changes it any more, and gives it back no more."""
    key = race.canary("key").text
    mask = race.redactor(lambda text: text.replace(key, "[key]"))
    race.thread(lambda: len(key))

    def handler() -> str:
        TABLE.lock.acquire(blocking=False)
        return mask(f"{TABLE.inside} {key}")

    race.crash(handler)


@functools.cache
def _settings() -> dict[str, bool]:
    return {"mask": False}


def _plugin() -> types.ModuleType:
    module = types.ModuleType("a_plugin_that_is_not_in_sys_modules")
    exec("ON = []", vars(module))
    return module


class Stages:
    """Of an application, each in the one before."""

    def __init__(self, depth: int) -> None:
        self.filters = {"next": Stages(depth - 1)} if depth else {}
        self.masks: list[bool] = []

    def last(self) -> Stages:
        """The innermost one."""
        return self.filters["next"].last() if self.filters else self


_settings()
PLUGIN, STAGES = _plugin(), Stages(6)
LEVEL = -1


def _lower() -> None:
    global LEVEL
    LEVEL = -2


UNSET, READY = object(), object()
state = UNSET


def _ready() -> None:
    global state
    state = READY


def _made(name: str, source: str) -> types.ModuleType:
    module = sys.modules[name] = types.ModuleType(name)
    exec(source, vars(module))
    return module


_MASKS = "_on = []\ndef is_on(): return bool(_on)\ndef enable(): _on.append(True)"
HOOKS = [vars(_made("masks_that_a_list_leads_to", _MASKS))[name] for name in ("enable", "is_on")]

INSTALLED: dict[str, tuple[Callable[[], object], Callable[[], bool]]] = {
    "in_what_a_cache_holds": (lambda: _settings().update(mask=True), lambda: _settings()["mask"]),
    "in_a_module_that_nobody_lists": (lambda: PLUGIN.ON.append(True), lambda: bool(PLUGIN.ON)),
    "deep_in_an_application": (lambda: STAGES.last().masks.append(True), lambda: bool(STAGES.last().masks)),
    "by_a_level_below_minus_one": (_lower, lambda: LEVEL == -2),
    "by_an_object_that_holds_nothing": (_ready, lambda: state is READY),
    "in_a_module_to_which_a_list_of_functions_leads": (lambda: HOOKS[0](), lambda: HOOKS[1]()),
}


def _masked(is_on: Callable[[], bool]) -> Callable[[str], str]:
    return lambda text: "***" if is_on() else text


for name, (install, is_on) in INSTALLED.items():
    masked = first_request(install, _masked(is_on))
    masked.__name__ = f"masks_are_put_in_place_{name}_by_the_first_request"
    masked.__doc__ = "Only the first execution of a process has the window, and all that follow are masked."
    case("2.6", LEAK, executions=2000, seconds=120)(masked)


def _handler_of_its_own() -> Callable[[Race], None]:
    masks: list[bool] = []
    return first_request(lambda: masks.append(True), lambda text: "***" if masks else text)


def _handler_that_counts() -> Callable[[Race], None]:
    masked = False

    def mask() -> None:
        nonlocal masked
        masked = True

    return first_request(mask, lambda text: "***" if masked else text)


def _handler_by_default() -> Callable[[Race], None]:
    def show(text: str, masks: list[bool] = []) -> str:  # noqa: B006  this is the point
        return "***" if masks else text

    return first_request(lambda: show.__defaults__[0].append(True), show)  # type: ignore[index]


for make in (_handler_of_its_own, _handler_that_counts, _handler_by_default):
    masked = make()
    masked.__name__ = f"masks_are_put_in_place_in_a_closure_by{make.__name__}"
    masked.__doc__ = "What a scenario's own closure holds is no global of any module."
    case("2.6", LEAK, executions=2000, seconds=120)(masked)
