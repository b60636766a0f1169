"""Which known findings a scenario has: its own, and the code that they run is its own, whatever they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from corpus_entries import repro_of

from redactfuzz.campaign import OptionError, Options, ScenarioSpec, Settings
from redactfuzz.campaign.corpus.place import target_of
from redactfuzz.campaign.face.regressions import Known
from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.model import repro as repros
from redactfuzz.model.repro import Repro
from redactfuzz.native.run.program import Program, to_json

WALKS = Options(regressions=True)


def known(spec: ScenarioSpec, options: Options = WALKS) -> Known:
    runtime: Any = None  # nothing is run
    return Known.of(spec, options, runtime, None)


@pytest.fixture
def spec(tmp_path: Path) -> ScenarioSpec:
    (tmp_path / "pyproject.toml").write_text("")
    file = tmp_path / "tests" / "scenario.py"
    file.parent.mkdir()
    file.write_text("")
    return ScenarioSpec("leaks", str(file), lambda race: race)


def put(spec: ScenarioSpec, repro: Repro, *inside: str, corpora: Path | None = None, name: str = "a.rfz.json") -> Path:
    corpora = corpora or Path(spec.path).parent / "corpora"
    folder = corpora.joinpath(target_of(Path(spec.path), spec.name), "regressions", *inside)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(repros.dumps(repro))
    return folder / name


def test_they_are_found_beside_the_scenario_and_above_it(spec: ScenarioSpec, tmp_path: Path) -> None:
    beside, above = put(spec, repro_of()), put(spec, repro_of(seed=2), corpora=tmp_path / "corpora")
    assert [path for path, _ in known(spec).files] == [str(beside), str(above)]
    assert not known(spec).skipped


def test_without_being_asked_for_they_are_not(spec: ScenarioSpec) -> None:
    put(spec, repro_of())
    assert not known(spec, Options()).files


def test_a_corpus_that_is_named_has_some_as_well(spec: ScenarioSpec, tmp_path: Path) -> None:
    path = put(spec, repro_of(), corpora=tmp_path / "elsewhere")
    assert [each for each, _ in known(spec, Options(corpus=tmp_path / "elsewhere")).files] == [str(path)]


@pytest.mark.parametrize(
    ("repro", "why"),
    [
        (repro_of("other"), "of another scenario"),
        (repro_of(path="other.py"), "of another scenario"),
        (repro_of(program={"sources": ["scenario.py"]}), "of another scenario"),
        (repro_of(workload={"number": 3}), "of other arguments"),
        (repro_of(item="tests/scenario.py::leaks[3]"), "of other arguments"),
    ],
)
def test_those_of_others_are_skipped_with_the_reason(spec: ScenarioSpec, repro: Repro, why: str) -> None:
    put(spec, repro)
    found = known(spec)
    assert not found.files
    assert [each.reason for each in found.skipped] == [why]


def test_where_its_path_leads_makes_no_difference_since_nobody_goes_there(spec: ScenarioSpec) -> None:
    put(spec, repro_of(path="/somewhere/../else/scenario.py"))
    (found,) = known(spec).files
    assert found[1].path == "/somewhere/../else/scenario.py"


def test_a_program_is_run_with_its_own_flags_or_not_at_all(tmp_path: Path) -> None:
    source = tmp_path / "signer.c"
    source.write_text("")
    own = Program((source,), flags=("-O2",))
    spec = program_spec(own, Settings())
    for name, program in (("a", own), ("b", attrs.evolve(own, flags=("-fplugin=evil.so",)))):
        stored = to_json(program, Path("/elsewhere"))
        put(spec, repro_of("signer", "signer.c", program=stored), name=f"{name}.rfz.json")
    found = known(spec)
    assert [Path(path).name for path, _ in found.files] == ["a.rfz.json"]
    assert [each.reason for each in found.skipped] == ["of a program with another flags"]


def test_what_a_scenario_names_must_be_there(spec: ScenarioSpec) -> None:
    named = attrs.evolve(spec, settings=Settings(regressions="known"))
    with pytest.raises(OptionError, match="regressions names 'known', which is not there"):
        known(named, Options())
    folder = Path(spec.path).parent / "known"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.rfz.json").write_text(repros.dumps(repro_of()))
    assert len(known(named, Options()).files) == 2
    one = attrs.evolve(spec, settings=Settings(regressions=["known/b.rfz.json"]))
    assert [Path(path).name for path, _ in known(one, Options()).files] == ["b.rfz.json"]


def test_one_that_lies_in_two_of_these_places_is_run_once(spec: ScenarioSpec) -> None:
    path = put(spec, repro_of())
    named = attrs.evolve(spec, settings=Settings(regressions=str(path.relative_to(Path(spec.path).parent))))
    assert len(known(named).files) == 1


def test_those_of_another_interpreter_are_none_of_ours(spec: ScenarioSpec) -> None:
    put(spec, repro_of(), "3.99")
    assert not known(spec).files
