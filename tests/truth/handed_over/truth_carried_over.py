"""Lines 2.6 and 3.2: what one execution leaves for the next neither hides a leak nor makes one."""

from __future__ import annotations

import builtins
import codecs
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from truth import LEAK, PASS, UNACCUSED, WITHHELD, case

from redactfuzz import Race, literal, rsa, token

SEEN: dict[str, Any] = {}
RENDERED: list[str] = []


class Registry:
    """State of a class."""

    known: ClassVar[dict[str, str]] = {}


class Store:
    """One for all."""

    def __init__(self) -> None:
        self.entries: dict[str, list[str]] = {}

    def setdefault(self, text: str) -> list[str]:
        """The entry."""
        return self.entries.setdefault("entry", [text])


STORE = Store()


def _kept_by_default(text: str, kept: dict[str, list[str]] = {}) -> list[str]:  # noqa: B006  (the fault under test)
    return kept.setdefault("entry", [text])


def _default(name: str, value: str, kept: dict[str, str] = {}) -> str:  # noqa: B006  (the fault under test)
    return kept.setdefault(name, value)


def _planted(race: Race, kind: Any) -> tuple[str, Any]:
    key = race.canary("key", kind)
    text = key.text
    return text, race.redactor(lambda value: value.replace(text, "[key]"))


def _masked_once(race: Race, kind: Any, kept: Any) -> None:
    """The entry of the first execution is masked in place, and stays so; the path is the same in every execution."""
    text, mask = _planted(race, kind)
    entry = kept(text)

    def works() -> None:
        entry[0] = mask(entry[0])

    race.thread(works)
    race.thread(lambda: race.dump(list(entry)))


@case("2.6", LEAK, executions=60)
def a_literal_that_a_module_keeps(race: Race) -> None:
    """A literal secret is masked in place in a list that a module keeps: only the first execution races."""
    _masked_once(race, literal("9fQ2-vX7k-Lm3z-Tr8w"), lambda text: SEEN.setdefault("literal", [text]))


@case("2.6", LEAK, executions=60)
def an_rsa_key_that_a_module_keeps(race: Race) -> None:
    """The same with an RSA key."""
    _masked_once(race, rsa(1024), lambda text: SEEN.setdefault("rsa", [text]))


@case("2.6", LEAK, executions=60)
def a_literal_that_a_default_argument_keeps(race: Race) -> None:
    """The same where the default argument of a function keeps the list."""
    _masked_once(race, literal("q8Zr-Wn4c-Yt6b-Gs2h"), _kept_by_default)


@case("2.6", LEAK, executions=60)
def a_literal_that_an_instance_keeps(race: Race) -> None:
    """The same where an object of the module keeps it, in an attribute."""
    _masked_once(race, literal("Jd5x-Pb9m-Kv3s-Hc7e"), STORE.setdefault)


def _once_raw(race: Race, kept: Callable[[str], list[str]], *, right: bool) -> None:
    """The same with a secret that is another one in each execution; ``right``: what is kept was masked before."""
    text, mask = _planted(race, token())
    entry = kept(mask(text) if right else text)

    def works() -> None:
        entry[0] = mask(entry[0])

    race.thread(works)
    race.crash(lambda: [*entry, mask(text)])


def _by_cache(text: str) -> list[str]:
    entries = _settings("production")
    return entries.setdefault("entry", [text])


@functools.lru_cache
def _settings(name: str) -> dict[str, list[str]]:
    return {}


KEPT_RAW: dict[str, list[str]] = {}
KEPT_MASKED: dict[str, list[str]] = {}


@case("2.6", LEAK, executions=200)
def a_token_that_a_module_keeps(race: Race) -> None:
    """A token of the first execution is masked in place in a list that a module keeps: only that execution races."""
    _once_raw(race, lambda text: KEPT_RAW.setdefault("entry", [text]), right=False)


@case("2.6", LEAK, executions=200)
def a_token_that_a_cache_keeps(race: Race) -> None:
    """The same where the result of a cached function keeps it."""
    _once_raw(race, _by_cache, right=False)


@case("2.6", PASS, "that were each the first of a process", executions=200)
def a_masked_token_that_a_module_keeps(race: Race) -> None:
    """The same list, into which nothing comes that is not masked."""
    _once_raw(race, lambda text: KEPT_MASKED.setdefault("entry", [text]), right=True)


@case("2.6", PASS)
def a_literal_in_a_list_of_the_body(race: Race) -> None:
    """The right twin: nothing is written before it is masked, and nothing is kept."""
    text, mask = _planted(race, literal("Ue4k-Xa8r-Bw6n-Vf2y"))
    box: list[str] = []
    race.thread(lambda: box.append(mask(text)))
    race.crash(lambda: list(box))


@case("3.2", UNACCUSED, "SEEN", isolation="none")
def what_the_execution_before_left(race: Race) -> None:
    """From the second execution on a flag of the module makes the report raw; a process runs it once."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    again = SEEN.setdefault("runs", []) or []

    def works() -> None:
        SEEN["runs"] = [*again, 1]

    race.thread(works)
    race.crash(lambda: key.text if again else mask(key.text))


@case("3.2", UNACCUSED, "Registry.known", isolation="none")
def what_a_class_keeps(race: Race) -> None:
    """The same where a class keeps it."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    known = dict(Registry.known)
    race.thread(lambda: Registry.known.update({"seen": "yes"}))
    race.crash(lambda: key.text if known.get("seen") else mask(key.text))


@case("3.2", UNACCUSED, "_default", isolation="none")
def what_a_default_argument_keeps(race: Race) -> None:
    """The same where the default argument of a function keeps it, and the fault is an exception."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    number = str(len(RENDERED_TWICE))
    first = _default("number", number)
    RENDERED_TWICE.append(number)

    def works() -> None:
        if first != number:
            raise ValueError("it was another one")

    race.thread(works)
    race.crash(lambda: mask(key.text))


RENDERED_TWICE: list[str] = []


@case("3.2", LEAK, isolation="none")
def a_leak_that_only_the_first_execution_shows(race: Race) -> None:
    """A module is set up once: the leak is in every process, and in its first execution alone."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    first = not RENDERED
    RENDERED.append("done")
    race.thread(lambda: None)
    race.crash(lambda: key.text if first else mask(key.text))


@case("3.2", LEAK, isolation="none")
def a_leak_that_needs_nothing_before(race: Race) -> None:
    """A counter of the module goes up, and does not matter: the leak is there in a fresh process as well."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    SEEN["count"] = SEEN.get("count", 0) + 1
    race.thread(lambda: None)
    race.crash(lambda: mask(key.text) and key.text)


codecs.lookup("rot13")  # loaded here, not in an execution


class Vault:
    """State of a class that grows by one in each execution."""

    live: ClassVar[list[int]] = []


def _in_one_execution(race: Race, tells: Callable[[int, str], str]) -> None:
    key = race.canary("key")
    redact = race.redactor(lambda text: text.replace(key.text, "[key]"), bypass=lambda text: text + key.text)
    Vault.live.append(1)
    race.crash(lambda: redact(f"x {tells(len(Vault.live), key.text)}"))


@case("2.6", WITHHELD, "carried over", executions=60, isolation="none")
def a_dump_that_comes_once_in_the_life_of_the_process(race: Race) -> None:
    """One execution, by a count that a class keeps, has the secret in rot13 in its dump; run again it has not."""
    _in_one_execution(race, lambda count, key: codecs.encode(key, "rot13") if count % 64 == 37 else "")


@case("2.6", WITHHELD, "carried over", executions=60, isolation="none")
def one_that_comes_once_and_is_as_long_as_the_others(race: Race) -> None:
    """The same in the place of as many letters."""
    _in_one_execution(race, lambda count, key: codecs.encode(key, "rot13") if count % 64 == 37 else "y" * 32)


@case("2.6", PASS, executions=60, isolation="none")
def a_class_that_grows_and_tells_nothing(race: Race) -> None:
    """The same count, of which the dumps tell nothing."""
    _in_one_execution(race, lambda count, key: "y" * 32)


@case("2.6", PASS, executions=60, isolation="none")
def a_count_that_a_class_keeps_in_the_dump(race: Race) -> None:
    """The count itself is in each dump, as the number of a request would be."""
    _in_one_execution(race, lambda count, key: f"request {count}")


def _once(race: Race, *, right: bool) -> None:
    """Only the first execution in this folder dumps what is not masked: a file says that it was done."""
    text, mask = _planted(race, token())
    mark = Path("done")
    if not mark.exists():
        race.dump(mask(text) if right else text)
        mark.touch()
    race.thread(int)
    race.crash(lambda: mask("k=" + text))


@case("3.2", WITHHELD, executions=60, says="first run")
def a_marker_in_a_file_leaks(race: Race) -> None:
    """A file outside of the execution's own folder says that it was done."""
    _once(race, right=False)


@case("3.2", UNACCUSED, executions=60)
def a_marker_in_a_file_right(race: Race) -> None:
    """The same, masked."""
    _once(race, right=True)


def _in_environment(text: str) -> str:
    return os.environ.setdefault("REDACTFUZZ_TRUTH_SESSION", text)


def _in_builtins(text: str) -> str:
    if not hasattr(builtins, "first_session"):
        builtins.first_session = text  # type: ignore[attr-defined]
    return str(builtins.first_session)  # type: ignore[attr-defined]


def _in_a_cache(text: str, kept: dict[str, str] = {}) -> str:  # noqa: B006  (the fault under test)
    return kept.setdefault("session", text)


def _nowhere(text: str) -> str:
    return text


PUT_BACK = (_in_environment, _nowhere)
"""What no execution leaves for the next."""

for keeps in (_in_environment, _in_builtins, _in_a_cache, _nowhere):

    def body(race: Race, keeps: Callable[[str], str] = keeps) -> None:
        """Each execution tells of the session of the first one, and masks the key of its own."""
        text, mask = _planted(race, token(16))
        told = keeps(text)
        race.thread(lambda: race.dump(mask(told)))
        race.crash(lambda: mask(text))

    body.__name__ = f"the_first_session_is_kept{keeps.__name__}"
    case("2.6", PASS if keeps in PUT_BACK else WITHHELD, executions=80)(body)
