"""The schemas of the JSON of `scan` and `run` in docs/reference: they are of the classes, and what is written fits."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import dump_reports
import jsonschema
import pytest

from redactfuzz.model.canary import mint, token
from redactfuzz.report.dump_lines import as_json
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = {name: json.loads((REFERENCE / f"{name}.schema.json").read_text("utf-8")) for name in ("scan", "run")}
FITS = {name: jsonschema.Draft202012Validator(schema) for name, schema in SCHEMAS.items()}
RUNS = sorted((ROOT / "tests" / "snapshots" / "texts" / "json").iterdir())


def errors(name: str, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in FITS[name].iter_errors(body)]


def test_they_are_made_of_the_classes_as_they_are() -> None:
    done = subprocess.run([sys.executable, "ci/report_schema.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run ci/report_schema.py"


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["properties"]


@pytest.mark.parametrize("report", dump_reports.EVERY, ids=lambda report: str(report.dump))
def test_what_a_scan_writes_fits(report: Any) -> None:
    assert errors("scan", json.loads(as_json(report))) == []


def test_what_a_scan_of_a_dump_writes_fits(tmp_path: Path) -> None:
    canary = mint(3, "token", token(32), 1)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary], [])
    wanted = ScanRequest(matcher_set, KnownKeys(), canaries=(canary,), marker="a marker", context=4)
    secret = canary.text.encode()
    for data in (b"x", b"a " + secret, b"\1" + gzip.compress(secret * 9)[:-4], b"7z\xbc\xaf\x27\x1c"):
        (tmp_path / "dump").write_bytes(data)
        assert errors("scan", json.loads(as_json(scan_dump(tmp_path / "dump", wanted)))) == []


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.name)
def test_what_a_run_writes_fits(path: Path) -> None:
    """The lines that are agreed."""
    assert errors("run", json.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "changed", [{"schema": "scan/2"}, {"verdict": "FINE"}, {"extra": 1}, {"bytes": "1"}, {"keys": {}}], ids=str
)
def test_another_line_does_not_fit(changed: dict[str, Any]) -> None:
    body = json.loads(as_json(dump_reports.LEAKING))
    assert errors("scan", body) == []
    assert errors("scan", {**body, **changed})


@pytest.mark.parametrize("missing", ["verdict", "schema", "exposures", "fingerprint of an exposure"])
def test_a_line_that_lacks_something_does_not_fit(missing: str) -> None:
    body = json.loads(as_json(dump_reports.LEAKING))
    del (body["exposures"][0] if " of " in missing else body)[missing.partition(" ")[0]]
    assert errors("scan", body)
