"""What is said while something runs does not end it where nobody can be told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from redactfuzz.cli.night import fuzz
from redactfuzz.cli.streams import told

CODE = "from redactfuzz.cli.streams import told\nfor each in 'abc': told(each * 9000)\nprint('done')"


def test_who_can_be_told_is(capsys: pytest.CaptureFixture[str]) -> None:
    told("a finding")
    assert capsys.readouterr().err == "a finding\n"


@pytest.mark.parametrize("gone", ["full", "pipe"])
def test_where_nobody_can_be_told_it_goes_on_to_its_end(gone: str) -> None:
    if gone == "full":
        err = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, err = os.pipe()
        os.close(reader)
    done = subprocess.run([sys.executable, "-c", CODE], stdout=subprocess.PIPE, stderr=err, text=True, check=False)
    os.close(err)
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_a_night_says_all_of_it_that_way() -> None:
    assert fuzz.__file__ is not None
    assert "click.echo" not in Path(fuzz.__file__).read_text("utf-8")
