"""How bad it is, each rule both ways: just enough, and just too little."""

from __future__ import annotations

import pytest

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.severity import KnownPart, by_remaining, judge, judge_rsa, union

TOTAL, HIGH, MEDIUM, LOW = Severity


@pytest.mark.parametrize(
    ("bits", "severity"),
    [(0, TOTAL), (64, TOTAL), (64.1, HIGH), (80, HIGH), (80.1, MEDIUM), (112, MEDIUM), (112.1, LOW), (4096, LOW)],
)
def test_severity_goes_by_the_bits_that_remain(bits: float, severity: Severity) -> None:
    assert by_remaining(bits) is severity


def test_stretches_that_touch_or_overlap_are_one() -> None:
    assert union([(5, 9), (0, 2), (2, 3), (8, 12), (6, 7)]) == [(0, 3), (5, 12)]


def test_fragments_of_one_secret_are_taken_together() -> None:
    half = judge([KnownPart("", 0, 16, 32)], 190, 95)
    assert (half.severity, half.known) == (MEDIUM, 95)
    both = judge([KnownPart("", 0, 16, 32), KnownPart("", 16, 32, 32)], 190, 95)
    assert (both.severity, both.known) == (TOTAL, 190)
    same = judge([KnownPart("", 0, 16, 32), KnownPart("", 0, 16, 32)], 190, 95)
    assert (same.severity, same.known) == (MEDIUM, 95)


def test_fragments_in_forms_of_different_length_are_taken_together() -> None:
    """Half of it in hexadecimal is as many bytes as all of it in plain, and still half."""
    judged = judge([KnownPart("", 0, 4, 32), KnownPart("", 0, 32, 64)], 190, 95)
    assert judged.known == 95
    judged = judge([KnownPart("", 0, 16, 32), KnownPart("", 32, 64, 64)], 190, 95)
    assert judged.known == 190


def test_the_reason_says_what_is_left() -> None:
    assert judge([KnownPart("", 0, 24, 32)], 190, 0).reason == "48 of 190 bits are left to guess"
    assert judge([KnownPart("", 0, 32, 32)], 190, 0).reason == "the whole secret is there"


def rsa(*known: tuple[str, float, float]) -> tuple[Severity, str]:
    judged = judge_rsa([KnownPart(part, start, end, 1.0) for part, start, end in known], 2048)
    return judged.severity, judged.reason


@pytest.mark.parametrize("part", ["p", "q", "d", "dp", "dq"])
def test_one_whole_private_number_is_total(part: str) -> None:
    severity, reason = rsa((part, 0, 1))
    assert severity is TOTAL
    assert reason.startswith(f"all of {part} is there")


def test_qinv_alone_is_not() -> None:
    assert rsa(("qinv", 0, 1))[0] is LOW


@pytest.mark.parametrize("part", ["p", "q"])
@pytest.mark.parametrize("low", [True, False])
def test_half_of_a_prime_in_one_piece_is_total_and_49_percent_are_not(part: str, low: bool) -> None:
    def piece(share: float) -> tuple[str, float, float]:
        return (part, 1 - share, 1) if low else (part, 0, share)

    assert rsa(piece(0.5)) == (TOTAL, f"half of {part} is there in one piece (Coppersmith)")
    assert rsa(piece(0.49))[0] is LOW


def test_half_of_a_prime_in_two_pieces_is_not() -> None:
    assert rsa(("p", 0, 0.25), ("p", 0.75, 1))[0] is LOW


def test_half_of_dp_is_not_half_of_a_prime() -> None:
    assert rsa(("dp", 0, 0.5))[0] is LOW


def test_the_low_quarter_of_d_is_total_and_24_percent_or_the_high_quarter_are_not() -> None:
    assert rsa(("d", 0.75, 1))[0] is TOTAL
    assert rsa(("d", 0.76, 1))[0] is LOW
    assert rsa(("d", 0, 0.25))[0] is LOW


def scattered(share: float, *parts: str) -> tuple[Severity, str]:
    """That share of each part, in eight pieces."""
    return rsa(*((part, piece / 8, piece / 8 + share / 8) for part in parts for piece in range(8)))


@pytest.mark.parametrize(
    ("parts", "enough"),
    [(("p", "q", "d", "dp", "dq"), 0.27), (("p", "q", "d"), 0.42), (("p", "q"), 0.57)],
)
def test_scattered_bits_are_total_from_a_share_on(parts: tuple[str, ...], enough: float) -> None:
    severity, reason = scattered(enough + 0.001, *parts)
    assert severity is TOTAL
    assert "Heninger" in reason
    assert scattered(enough - 0.01, *parts)[0] is LOW


def test_bits_of_other_numbers_do_not_stand_for_those_that_are_missing() -> None:
    assert rsa(*((part, n / 8, n / 8 + 0.41 / 8) for part in ("p", "q", "d") for n in range(8)))[0] is LOW
    more = [(part, n / 8, n / 8 + share / 8) for part, share in (("p", 0.8), ("q", 0.4)) for n in range(8)]
    assert rsa(*more)[0] is TOTAL
    assert rsa(*more[:8])[0] is LOW


def test_many_bits_of_one_number_alone_are_not() -> None:
    assert scattered(0.9, "dp")[0] is LOW
    assert scattered(0.6, "p")[0] is LOW


def test_nothing_is_low() -> None:
    assert rsa() == (LOW, "a part of the key is there, of which no attack on the rest is known")


@pytest.mark.parametrize("left", [0.6, 1, 4])
def test_a_secret_of_which_bits_are_left_to_guess_is_not_called_whole(left: float) -> None:
    """As bad, since anybody guesses them; but what is said of it is true."""
    judged = judge([], 190, 190 - left)
    assert (judged.severity, judged.reason) == (TOTAL, f"{left:.0f} of 190 bits are left to guess")
    assert judge([], 190, 189.5).reason == "the whole secret is there"
