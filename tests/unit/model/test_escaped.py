"""Names of anybody's making can be shown: no control character of theirs reaches a terminal."""

from __future__ import annotations

import pytest

from redactfuzz.model.escaped import escaped


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


def test_lines_may_be_kept() -> None:
    assert escaped("one\n\x1b[1mtwo", keep="\n") == "one\n\\x1b[1mtwo"
