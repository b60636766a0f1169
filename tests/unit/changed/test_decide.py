"""What concerns a scenario, decided from what was recorded and what differs."""

from __future__ import annotations

import pytest

from redactfuzz.changed.decide import is_current, why
from redactfuzz.changed.revision import Differences
from redactfuzz.model.dependencies import Dependencies

KNOWN = Dependencies(
    files={"tests/test_a.py": "11", "app/ring.py": "22", "conf/missing.toml": ""},
    folders=frozenset({"data"}),
    imports=frozenset({"app", "app.ring", "speedups", "yaml"}),
    installed={"flask": "3.1.0"},
    places={"app": "44", "{prefix}/lib/site-packages": "55"},
)
HERE = {"flask": "3.1.0"}


@pytest.mark.parametrize(
    ("changed", "moved", "reasons"),
    [
        ({"app/ring.py"}, set(), ("app/ring.py",)),
        ({"app/ring.py", "tests/test_a.py"}, set(), ("app/ring.py", "tests/test_a.py")),
        (set(), {"app/ring.py"}, ("app/ring.py",)),  # it went
        (set(), {"conf/missing.toml"}, ("conf/missing.toml",)),  # it was asked for, and came
        (set(), {"data/new.json"}, ("data/new.json",)),  # somebody lists its folder
        (set(), {"data/deep/er.json"}, ("data/deep/er.json",)),
        (set(), {"lib/speedups.py"}, ("lib/speedups.py",)),  # somebody tries to import it
        (set(), {"speedups.cpython-313-x86_64-linux-gnu.so"}, ("speedups.cpython-313-x86_64-linux-gnu.so",)),
        (set(), {"yaml/__init__.py"}, ("yaml/__init__.py",)),  # it comes before what is installed
    ],
)
def test_what_it_depends_on_concerns_it(changed: set[str], moved: set[str], reasons: tuple[str, ...]) -> None:
    assert why(KNOWN, KNOWN, Differences(frozenset(changed), frozenset(moved)), HERE, KNOWN.places) == reasons


@pytest.mark.parametrize(
    ("changed", "moved"),
    [
        (set(), set()),
        ({"README.md", "app/other.py", "data/old.json"}, set()),
        (set(), {"tests/test_b.py", "docs/yaml.md", "datasets/new.json"}),
    ],
)
def test_what_it_does_not_depend_on_does_not(changed: set[str], moved: set[str]) -> None:
    assert why(KNOWN, KNOWN, Differences(frozenset(changed), frozenset(moved)), HERE, KNOWN.places) == ()


def test_another_version_of_what_is_installed_concerns_it() -> None:
    assert why(KNOWN, KNOWN, Differences(), {"flask": "3.2.0"}, KNOWN.places) == ("flask 3.1.0 -> 3.2.0",)
    assert why(KNOWN, KNOWN, Differences(), {}, KNOWN.places) == ("flask 3.1.0 -> gone",)


def test_a_change_in_a_submodule_which_git_names_by_its_folder_concerns_it() -> None:
    known = Dependencies(files={"vendor/lib/x.py": "11", "vendored/y.py": "22"})
    tracked = frozenset(known.files)
    assert why(known, known, Differences(frozenset({"vendor/lib"}), tracked=tracked), {}, {}) == ("vendor/lib/x.py",)
    assert why(known, known, Differences(frozenset({"vendor/li"}), tracked=tracked), {}, {}) == ()


def test_what_git_ignores_and_was_built_anew_concerns_it() -> None:
    """Of an extension module it knows neither what it was nor what it is."""
    source = {"app/core.py": "11"}
    before, here = (Dependencies(files={**source, "app/_core.so": held}) for held in ("22", "33"))
    assert why(before, here, Differences(tracked=frozenset(source)), {}, {}) == ("app/_core.so",)
    assert why(here, here, Differences(tracked=frozenset(source)), {}, {}) == ()
    assert why(before, here, Differences(tracked=frozenset(here.files)), {}, {}) == ()  # git says that it is the same
    assert why(Dependencies(files=source), here, Differences(tracked=frozenset(source)), {}, {}) == ("app/_core.so",)


def test_what_only_the_code_of_before_used_concerns_it_as_well() -> None:
    """An optional module went: the code that is here does without, and says nothing of it."""
    before = Dependencies(files={"tests/test_a.py": "11", "app/fast.py": "33"})
    here = Dependencies(files={"tests/test_a.py": "11"})
    gone = Differences(moved=frozenset({"app/fast.py"}))
    assert why(before, here, gone, {}, {}) == ("app/fast.py",)
    assert why(here, here, gone, {}, {}) == ()


def test_a_record_is_current_only_of_the_same_files_and_versions() -> None:
    now = {"tests/test_a.py": "11", "app/ring.py": "22", "conf/missing.toml": ""}
    assert is_current(KNOWN, now, HERE, KNOWN.places)
    assert is_current(KNOWN, {name: held for name, held in now.items() if held}, HERE, KNOWN.places)
    assert not is_current(KNOWN, {**now, "app/ring.py": "23"}, HERE, KNOWN.places)
    assert not is_current(KNOWN, {**now, "app/ring.py": ""}, HERE, KNOWN.places)
    assert not is_current(KNOWN, {**now, "conf/missing.toml": "44"}, HERE, KNOWN.places)
    assert not is_current(KNOWN, now, {"flask": "3.2.0"}, KNOWN.places)
    assert not is_current(KNOWN, now, {}, KNOWN.places)
    assert not is_current(KNOWN, now, HERE, {**KNOWN.places, "app": "45"})
    assert not is_current(KNOWN, now, HERE, {"app": "44"})


def test_another_module_to_import_concerns_it_outside_of_the_project_where_git_tells_nothing() -> None:
    now = {"app": "45", "{prefix}/lib/site-packages": "56"}
    reason = "what there is to import in {prefix}/lib/site-packages"
    assert why(KNOWN, KNOWN, Differences(), HERE, now) == (reason,)
    assert why(KNOWN, KNOWN, Differences(), HERE, {**KNOWN.places, "app": "45"}) == ()
