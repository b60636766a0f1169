"""What is text and what is not."""

from __future__ import annotations

import pytest

from redactfuzz.dumps.readers.formats import READERS
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.texts.text import looks_like_text


def reader(data: bytes) -> str:
    return next(one.name for one in READERS if one.recognises(data[:4096], len(data)))


@pytest.mark.parametrize("text", ["", "a line\n", "café \u4e2d\u6587\n", "\x1b[31mred\x1b[0m\n", "tab\there\r\n"])
def test_text_is_text(text: str) -> None:
    assert looks_like_text(text.encode())
    assert reader(text.encode()) == "text"


@pytest.mark.parametrize("data", [b"\0", b"text, then\0", bytes(range(32)) * 4, "utf-16".encode("utf-16")])
def test_what_has_nul_or_many_control_characters_is_raw(data: bytes) -> None:
    assert not looks_like_text(data)
    assert reader(data) == "raw bytes"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\0", "ELF core"),
        (b"MDMP" + bytes(40), "minidump"),
        (b' \xef\xbb\xbf {"a": 1}', "JSON"),
        (b"[1]", "JSON"),
    ],
)
def test_the_other_formats_come_first(data: bytes, name: str) -> None:
    assert reader(data) == name


def test_neither_names_nor_adds_anything() -> None:
    for one in READERS[-2:]:
        layout = one.layout(Image("x", b"abc"))
        assert (layout.format, layout.spans, layout.gaps) == (one.name, (), ())
        assert list(one.views(Image("x", b"abc"))) == []
