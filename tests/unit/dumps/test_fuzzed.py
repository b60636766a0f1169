"""Spoiled dumps, about a thousand of them. The benchmark `ci/bench/scan_fuzz.py` runs a hundred thousand.

Whatever fails there becomes a test of its own, where the promise was made.
"""

from __future__ import annotations

import fuzzing
import pytest
from hypothesis import given, settings

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import DETECTORS

pytestmark = pytest.mark.once

SAMPLES = fuzzing.samples()


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> fuzzing.Scanner:
    return fuzzing.Scanner(tmp_path_factory.mktemp("fuzzed"))


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_every_sample_is_read_as_it_is(sample: bytes, scanner: fuzzing.Scanner) -> None:
    scanner.check(sample)


@pytest.mark.parametrize("start", range(0, 700, 100))
def test_samples_that_were_changed_are_read(start: int, scanner: fuzzing.Scanner) -> None:
    for seed, data in fuzzing.cases(SAMPLES, range(start, start + 100)):
        try:
            scanner.check(data)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


@settings(max_examples=300, deadline=None)
@given(fuzzing.pieced(SAMPLES))
def test_pieces_of_samples_and_anything_else_are_read(scanner: fuzzing.Scanner, data: bytes) -> None:
    scanner.check(data)


def test_the_samples_hold_what_detectors_and_canaries_find() -> None:
    """Else nothing but the first check of each reader would be tested."""
    found = {
        finding.detector
        for sample in SAMPLES
        for detector in DETECTORS
        for finding in detector.find(Image("sample", sample), fuzzing.KNOWN)
    }
    assert found == {one.name for one in DETECTORS}
