"""Where a canary lay: places and lengths, drawn without a byte."""

from __future__ import annotations

import attrs
import pytest
import sample_nights  # noqa: F401  makes the samples of reports importable
import sample_reports as sample

from redactfuzz.report.night.layout import HexRow, place


def rows(offset: int, length: int) -> tuple[HexRow, ...]:
    return place(attrs.evolve(sample.LEAK, offset=offset, length=length)).rows


@pytest.mark.parametrize(("offset", "length"), [(0, 1), (13, 32), (15, 1), (15, 2), (16, 16), (4093, 80), (7, 9)])
def test_so_many_bytes_are_masked_and_they_begin_where_it_lay(offset: int, length: int) -> None:
    drawn = rows(offset, length)
    assert sum(row.text[1].count("•") for row in drawn) == length
    assert sum(row.hex[1].count("••") for row in drawn) == length
    assert int(drawn[0].at, 16) + len(drawn[0].text[0]) == offset
    assert {len("".join(row.text)) for row in drawn} == {16}
    assert {len("".join(row.hex)) for row in drawn} == {47}


def test_a_long_one_is_shown_at_both_ends() -> None:
    drawn = rows(0x100, 16 * 100)
    assert [row.gap for row in drawn if row.gap] == ["94 more rows of it"]
    assert (drawn[0].at, drawn[-1].at) == ("00000100", f"{0x100 + 16 * 99:08x}")


@pytest.mark.parametrize(("offset", "length"), [(0, 0), (-1, 5), (3, -2)])
def test_a_place_that_is_none_draws_nothing(offset: int, length: int) -> None:
    assert rows(offset, length) == ()
