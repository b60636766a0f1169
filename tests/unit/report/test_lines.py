"""Text in cells of a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.model.texts.speakable import cell, speakable
from redactfuzz.report import lines
from redactfuzz.report.lines import cells, count, fit, fold, pad, printable, wrap


@given(st.text(), st.integers(1, 40))
def test_what_is_fitted_never_takes_more_cells_than_it_may(text: str, size: int) -> None:
    text = printable(text)
    assert cells(fit(text, size)) <= size
    assert cells(pad(text, size)) == size


@given(st.text())
def test_what_is_printed_has_no_control_characters(text: str) -> None:
    assert all(char.isprintable() or char in "\u00a0\u3000" or char.isspace() for char in printable(text))
    assert not set(printable(text)) & set("\n\r\t\x1b\x00")


@given(st.text(alphabet="ab cd", max_size=200), st.integers(5, 40))
def test_wrapping_keeps_every_word_and_the_width(text: str, size: int) -> None:
    wrapped = wrap(text, size, "  ")
    assert " ".join(wrapped).split() == text.split()
    assert all(cells(line) <= size or len(line.split()) == 1 for line in wrapped)


@given(st.text(alphabet="ab 鍵e\u0301", max_size=200), st.integers(2, 40))
def test_folding_keeps_all_but_the_blanks_between_lines_and_the_width(text: str, size: int) -> None:
    folded = fold(text, size)
    assert "".join(folded).replace(" ", "") == text.replace(" ", "")
    assert all(cells(line) <= size for line in folded)


def test_folding_looks_at_each_character_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(char: str) -> int:
        nonlocal looked
        looked += 1
        return cell(char)

    monkeypatch.setattr(lines, "cell", counted)
    text = "word " * 20_000
    assert len(fold(text, 80)) > 1_000
    assert len(text) <= looked < 2 * len(text)


@given(st.text())
def test_what_a_stream_of_ascii_is_given_takes_as_many_cells(text: str) -> None:
    text = printable(text)
    assert cells(speakable(text, "ascii")) == cells(text)


def test_wide_characters_take_two_cells() -> None:
    assert cells("鍵 key") == 6
    assert fit("鍵鍵鍵", 4) == "鍵…"
    assert speakable("鍵 e\u0301|", "ascii") == "?? e|"


def test_numbers_agree_with_their_nouns() -> None:
    assert [count(n, "switch", "switches") for n in (0, 1, 1234)] == ["0 switches", "1 switch", "1,234 switches"]
