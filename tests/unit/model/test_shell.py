"""What is printed for a shell is what a shell takes."""

from __future__ import annotations

import os
import subprocess

import pytest

from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.texts.shell import quoted

NAMES = ["plain.py", "a b's", "new\nline", "t\tab\\'$(x)", "\u202eback", "käse\n", os.fsdecode(b"by\xfftes"), "-n\n"]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_quoted_name_is_one_line_and_comes_back_whole(name: str) -> None:
    told = quoted(name)
    assert escaped(told) == told
    shell = subprocess.run(["bash", "-c", f"printf '<%s>' {told}"], capture_output=True, check=True)
    assert shell.stdout == b"<" + os.fsencode(name) + b">"


def test_half_of_a_pair_which_no_file_is_named_is_quoted_all_the_same() -> None:
    assert quoted("a\ud800") == r"$'a\355\240\200'"
