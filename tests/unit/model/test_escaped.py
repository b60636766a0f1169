"""Names of anybody's making can be shown: no control character of theirs reaches a terminal."""

from __future__ import annotations

import pytest

from redactfuzz.model.texts.escaped import escaped, without_codes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("worker-1", "worker-1"),
        ("Schlüssel 鍵 🔑", "Schlüssel 鍵 🔑"),
        ("a\nLEAK b\x1b[2J", r"a\nLEAK b\x1b[2J"),
        ("\x07\b\r\t\x7f", r"\x07\x08\r\t\x7f"),
        ("\x9b31m\x85", r"\x9b31m\x85"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udc80", r"\udc80"),
        ("a\xa0b", "a\xa0b"),
    ],
)
def test_control_characters_are_escaped_and_nothing_else(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize("code", ["\x1b[1m", "\x1b[0;31;4m", "\x1b]0;title\x07", "\x1b]8;;x\x1b\\", "\x1bM"])
def test_what_a_terminal_acts_on_is_taken_out(code: str) -> None:
    assert without_codes(code.join("secret")) == "secret"


def test_lines_may_be_kept() -> None:
    assert escaped("one\n\x1b[1mtwo", keep="\n") == "one\n\\x1b[1mtwo"
