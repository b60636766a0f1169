"""Call sites have the same names on every interpreter, so that a schedule between calls replays on all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

from driving import DEFAULT_ORDER, run
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz import Race
from redactfuzz.model.schedule import Site
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.sites import number_of, start_of

SAMPLE = Path(__file__).parents[1] / "sample_module.py"
CALL = 1
EXPECTED = """
sample_module:Ring.__init__:+0
sample_module:Ring.__init__:+1:20-30
sample_module:Ring.names.<locals>.<genexpr>:+0
sample_module:Ring.names.<locals>.<genexpr>:+1:12-24
sample_module:Ring.names:+0
sample_module:Ring.names:+2:15-5:9
sample_module:Ring.rotate:+0
sample_module:Ring.rotate:+1:14-39
sample_module:Ring.rotate:+3:12-21
sample_module:Ring.rotate:+4:16-24
sample_module:Ring.rotate:+4:36-54
sample_module:Ring.rotate:+4:61-68
sample_module:Ring.rotate:+4:81-106
sample_module:Ring.rotate:+4:88-105
sample_module:Ring:+0
sample_module:Ring:+10:5-13
sample_module:decorated:+0
sample_module:decorated:+2:11-21
sample_module:decorated:+2:11-29
sample_module:decorated:+2:11-37
sample_module:twice.<locals>.call:+0
sample_module:twice.<locals>.call:+2:15-30
sample_module:twice.<locals>.call:+2:32-47
sample_module:twice:+0
sample_module:twice:+1:5-30
sample_module:uses.<locals>.nested.<locals>.<lambda>:+0
sample_module:uses.<locals>.nested.<locals>.<lambda>:+0:28-39
sample_module:uses.<locals>.nested:+0
sample_module:uses.<locals>.nested:+1:15-46
sample_module:uses:+0
sample_module:uses:+14:11-19
sample_module:uses:+1:with
sample_module:uses:+2:8-3:31
sample_module:uses:+4:9-38
sample_module:uses:+4:with
sample_module:uses:+5:8-45
sample_module:uses:+7:36-50
sample_module:uses:+7:8-53
sample_module:uses:+9:8-25
"""


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def call_sites(filename: str = str(SAMPLE)) -> list[str]:
    """Of every function of the sample: its entry and its calls, without repetition."""
    module = compile(SAMPLE.read_text(), filename, "exec")
    found = set()
    for code in codes(module):
        if code is module:
            continue
        found.add(_hooks.site_name(code, -1))
        calls = [index for index, (flags, _) in enumerate(_hooks.classify(code)) if flags & CALL]
        found.update(_hooks.site_name(code, index) for index in calls)
    return sorted(":".join(name) for name in found)


def test_the_call_sites_of_a_module_are_these_on_every_interpreter() -> None:
    assert call_sites() == EXPECTED.split("\n")[1:-1], sys.version


def test_a_site_names_the_module_not_where_its_file_lies() -> None:
    elsewhere = "/somewhere/else/sample_module.py"
    assert call_sites(elsewhere) == call_sites()
    assert all(name.startswith("package:") for name in call_sites("/somewhere/package/__init__.py"))


def test_python_and_c_give_every_site_the_same_number() -> None:
    import sample_module

    def body(race: Race) -> None:
        ring = sample_module.Ring({"a": "1", "b": "2"})  # type: ignore[no-untyped-call]
        lock = __import__("threading").Lock()
        race.thread(sample_module.uses, lock, ring)

    assert not run(body, DEFAULT_ORDER, describe=True).bugs
    seen = _hooks.described()
    assert len({site for _, _, site, *_ in seen}) > 80
    assert {_hooks.site_name(code, index)[2][0] for _, _, _, code, index, *_ in seen} == {"+", "#"}
    for _, _, site, code, index, *_ in seen:
        assert number_of(Site(*_hooks.site_name(code, index))) == site


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_python_and_c_give_every_thread_the_same_first_site(name: str) -> None:
    assert number_of(start_of(name).site) == _hooks.start_site(name)


def test_instructions_are_named_by_their_index() -> None:
    code = codes.__code__
    plain = next(index for index, (flags, _) in enumerate(_hooks.classify(code)) if flags and not flags & CALL)
    assert _hooks.site_name(code, plain) == ("test_site_names", "codes", f"#{plain}")
