"""What leaks in large spaces is found with ``--strategy dpor``, long before the reduction is through.

Others run beside it (``portfolio.py``). Where it does not, the reduction is still among schedules that begin alike.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from redactfuzz.campaign.search import floor
from redactfuzz.model.plan import Policy
from redactfuzz.schedule import portfolio

TARGETS = Path(__file__).parents[2] / "targets"
REDACTFUZZ = str(Path(sys.executable).with_name("redactfuzz"))
X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="counts are of x86-64")

# Executions until the leak at most: twice what seeds 1 and 2 need.
LARGE = {
    "python/registry_eviction/scenario.py::vulnerable": 130,
    "python/torn_copy/scenario.py::vulnerable": 120,
    "python/stale_region_list/scenario.py::vulnerable": 130,
    "native/registry_eviction/vulnerable.c": 2_600,
}


def explored(target: str, executions: int, folder: Path) -> str:
    """The verdict. In a process of its own: a core of this one would be far larger."""
    words = ("--strategy", "dpor", "--seed", "1", "--executions", str(executions), "--after", "0", "--json")
    done = subprocess.run(
        [REDACTFUZZ, "run", str(TARGETS / target), *words], cwd=folder, capture_output=True, text=True, timeout=300
    )
    return str(json.loads(done.stdout)["verdict"])


@pytest.mark.once
@pytest.mark.parametrize("target", [pytest.param(name, marks=X86 if "native" in name else ()) for name in LARGE])
def test_a_leak_of_a_large_space_is_found_beside_the_reduction(target: str, tmp_path: Path) -> None:
    assert explored(target, LARGE[target], tmp_path) == "LEAK"


def test_a_proof_of_few_classes_pays_nothing_for_it_and_one_of_many_two_thousand_executions() -> None:
    space, *others = portfolio.main("dpor")
    assert (space.policy, space.start, space.limit) == (Policy.DPOR, 0, 0)
    assert {each.policy for each in others} == {Policy.POS, Policy.SURW, Policy.BOUNDED}
    assert all(each.beside and each.start == 32 for each in others)
    assert sum(each.limit for each in others) == 2_000
    assert space.share == sum(each.share for each in others)


def test_an_enumeration_beside_the_search_of_a_whole_space_is_nothing_that_a_pass_waits_for() -> None:
    assert floor.lowest(portfolio.main("dpor")) == ()
    assert floor.lowest(portfolio.main("bounded")) != ()
