"""The table of library functions as it is written, and what is made of it: C, and a page."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from redactfuzz.native.compile import table, trivial
from redactfuzz.native.compile.table import LibraryFunction, Treated, groups, is_confined, is_harmless, questions

ROOT = Path(__file__).parents[3]


def rows(line: str) -> list[LibraryFunction]:
    return list(table._rows(line))


def test_the_page_of_what_is_supported_is_that_of_the_table() -> None:
    spec = importlib.util.spec_from_file_location("libc_page", ROOT / "ci" / "libc_page.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    page = (ROOT / "docs" / "reference" / "libc.md").read_text("utf-8")
    assert page == made.page(), "python ci/libc_page.py writes it anew"
    assert set(made.WORDS) == set(Treated)
    assert set(made.WORDS.values()) == set(made.EFFECTS)


def test_no_name_has_two_rows() -> None:
    names = [name for group in groups() for one in group for name in one.names]
    assert len(names) > 1400
    assert sorted(names) == sorted(set(names))


def test_what_rows_ask_is_a_question_and_every_question_is_asked() -> None:
    assert {one.asks for group in groups() for one in group if one.asks} == set(questions())


def test_only_rows_of_which_a_model_is_made_say_how() -> None:
    made = {Treated.PASSES: {"reads", "writes"}, Treated.GIVES: {"gives"}}
    made |= {treated: {"gives"} for treated in (Treated.FAILS, Treated.STARTS_NOTHING)}
    rows = [(group.treated, one) for group in groups() for one in group]
    assert len(rows) > 700
    for treated, one in rows:
        said = {what for what in ("reads", "writes", "gives") if getattr(one, what)}
        assert said <= made.get(treated, set()), one
        assert treated is not Treated.PASSES or said, one


def test_memory_that_a_row_names_is_one_of_its_parameters() -> None:
    named = [(one, place) for group in groups() for one in group for place in (*one.reads, *one.writes)]
    assert len(named) > 50
    for one, place in named:
        name = re.split(r"[?\[]", place)[0]
        assert re.search(rf"\*{name}\b", one.declaration), one


def test_every_sense_is_said_once() -> None:
    senses = [(group.treated, group.sense) for group in groups()]
    assert len(senses) == len(set(senses))
    assert all(sense for _, sense in senses)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("int open(const char *path, int flags, ...) | also: *64", ["open", "open64"]),
        ("long strtol(const char *text) | also: __isoc23_* | writes: end?", ["strtol", "__isoc23_strtol"]),
        ("FILE *tmpfile(void)", ["tmpfile"]),
        ("FILE *stdout", ["stdout"]),
        ("__uflow | asks: user", ["__uflow"]),
    ],
)
def test_a_row_tells_its_names(line: str, names: list[str]) -> None:
    (one,) = rows(line)
    assert list(one.names) == names


def test_braces_make_a_function_of_each() -> None:
    assert [one.name for one in rows("TYPE load{8,16}(TYPE *at)")] == ["load8", "load16"]


def test_a_row_that_says_what_nobody_knows_is_an_error() -> None:
    with pytest.raises(TypeError):
        rows("int abs(int) | wites: nothing")


def test_of_a_function_that_is_passed_on_memory_is_marked_before_it_is_called() -> None:
    (one,) = rows("int f(const char *text, char **end, int base) | reads: text[1] | writes: end? ")
    assert trivial._passes(one).split("\n") == [
        "",
        "int model_f(const char *text, char **end, int base)",
        "{",
        "    rfn_at_read(text, 1, SITE());",
        "    rfn_uses(RF_READ, text, !!(1), SITE());",
        "    rfn_touched(RF_READ, text, 1);",
        "    if (end != NULL) { rfn_wrote(end, sizeof *end); }",
        "    return (f)(text, end, base);",
        "}",
    ]


@pytest.mark.parametrize(
    ("line", "treated", "made"),
    [
        ("ssize_t f(int)", Treated.FAILS, 'ssize_t model_f(void) { return (ssize_t)rfn_fails(SITE(), "f"); }'),
        ("FILE *f(void)", Treated.FAILS, 'void *model_f(void) { rfn_fails_always(SITE(), "f"); return NULL; }'),
        ("int f(int) | gives: EAGAIN", Treated.STARTS_NOTHING,
         'int model_f(void) { rfn_starts_nothing(SITE(), "f"); return EAGAIN; }'),
    ],
)  # fmt: skip
def test_of_a_function_that_is_refused_the_caller_gets_what_its_type_can_hold(
    line: str, treated: Treated, made: str
) -> None:
    (one,) = rows(line)
    assert " ".join(trivial._refuses(one, treated).split()) == made


def test_families_stand_for_names_that_no_row_has() -> None:
    assert is_harmless("_Unwind_Resume")
    for name in ("__cxa_throw", "__cxa_allocate_exception", "__cxa_demangle"):
        assert not is_harmless(name), "it gives or writes memory of a library's own"
    assert is_confined("wcsdup")
    assert is_confined("__swprintf_chk"), "what _FORTIFY_SOURCE calls"
    assert not any(known(name) for known in (is_harmless, is_confined) for name in ("fopen", "memcpy", "no_such"))
