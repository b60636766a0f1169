"""An address whose value begins like an escape of quoted-printable: its percent signs are escapes all the same."""

from __future__ import annotations

import quopri

import pytest

from redactfuzz.scan.views.spellings import Spelling, spelled


@pytest.mark.parametrize("begin", ["fc", "FC", "a9", "C3B", "ABC"])
def test_a_value_behind_an_equals_sign_is_no_escape_beside_percent_signs(begin: str) -> None:
    address = f"GET /sso?request={begin}%2FJCsJ%2BEATQXw%3D%3D&x=y HTTP/1.1\n".encode()
    assert f"request={begin}/JCsJ+EATQXw==&x".encode() in spelled(Spelling.ESCAPES, address)


def test_quoted_printable_is_read_as_before() -> None:
    text = "Grüße von der Möwe, 100 %, an 20 %zu\n".encode()
    assert text.strip() in spelled(Spelling.ESCAPES, quopri.encodestring(text))
