"""Secrets over the borders of pages of a database; and databases that hold none."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from scattered_builder import database
from scattered_scans import DER, SECRETS, said

from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("page", [512, 4096, 65_536])
@pytest.mark.parametrize("index", [False, True], ids=["a table", "an index"])
def test_what_two_pages_hold_is_found_and_a_database_without_it_stays_clean(
    name: str, page: int, index: bool, tmp_path: Path
) -> None:
    for secret, right in zip(SECRETS[name], ("LEAK", "CLEAN"), strict=True):
        data = database(tmp_path / "made", secret, 0.5, page, text=name != "DER", index=index)
        assert said(tmp_path, data) == right


@pytest.mark.parametrize("page", [512, 4096, 65_536])
@pytest.mark.parametrize("name", ["base64", "a canary"])
def test_what_a_log_of_pages_holds_is_found_and_one_without_it_stays_clean(
    name: str, page: int, tmp_path: Path
) -> None:
    for secret, right in zip(SECRETS[name], ("LEAK", "CLEAN"), strict=True):
        assert said(tmp_path, database(tmp_path / "made", secret, 0.5, page, text=True, log=True)) == right


def test_what_is_put_together_are_the_bytes_of_the_value(tmp_path: Path) -> None:
    image = Image("data", database(tmp_path / "made", SECRETS["base64"][0], 0.5, 1024, text=True))
    views = [view.read(image) for view in reader_of(image).views(image)]
    assert any(SECRETS["base64"][0] in view for view in views)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 0.9])
def test_it_is_found_however_much_of_it_stands_before_the_border(share: float, tmp_path: Path) -> None:
    data = database(tmp_path / "made", SECRETS["base64"][0], share, 1024, text=True)
    assert said(tmp_path, data) == "LEAK"


def test_a_page_goes_on_with_one_value_whatever_a_spoiled_database_says(tmp_path: Path) -> None:
    data = bytearray(database(tmp_path / "made", DER, 0.5, 512, text=False) + bytes(512 * 64))
    for page in range(6, len(data) // 512):  # each overflow page is followed by the next one, and the last by the third
        data[page * 512 : page * 512 + 4] = (page + 2 if (page + 2) * 512 <= len(data) else 3).to_bytes(4, "big")
    views = list(reader_of(image := Image("data", bytes(data))).views(image))
    assert views
    assert sum(view.size for view in views) <= 2 * len(data)


def test_databases_that_are_cut_or_spoiled_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    rng, sizes = random.Random(5), list[int]()
    for turn in range(400):
        if turn % 200 == 0:
            whole = database(tmp_path / "made", DER, 0.5, 512, text=False, log=turn > 0)
        spoiled = bytearray(whole[: rng.choice([len(whole), rng.randrange(100, len(whole))])])
        for at in rng.sample(range(20, len(spoiled)), 9):
            spoiled[at] = rng.randrange(256)
        image = Image("data", bytes(spoiled))
        for view in reader_of(image).views(image):
            assert len(view.read(image)) == view.size
            sizes.append(view.size)
    assert len(sizes) > 100
