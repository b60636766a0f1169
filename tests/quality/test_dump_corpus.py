"""corpora/dumps: ``scan`` says of every sample what the manifest says, and the script makes all of it anew."""

from __future__ import annotations

import json
import lzma
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import run_ready
from ready import Ready

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpora" / "dumps"
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
REGISTRY = json.loads((CORPUS / "canaries.json").read_text("utf-8"))
MANIFEST: dict[str, dict[str, Any]] = json.loads((CORPUS / "manifest.json").read_text("utf-8"))
LARGEST = 300_000


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus as this machine and interpreter make it."""
    folder = tmp_path_factory.mktemp("corpus")
    command = [sys.executable, str(CORPUS / "make.py"), str(folder)]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def scan(ready: Ready, path: Path, status: int) -> dict[str, Any]:
    """One dump by the command line, as users do it."""
    done = run_ready(ready, ROOT, "scan", path, "--canaries", CORPUS / "canaries.json", "--json")
    assert done.code == status, done.err[-2000:]
    return done.record


def check(ready: Ready, folder: Path, name: str) -> None:
    """The command says exactly what the manifest says."""
    told = MANIFEST[name]
    report = scan(ready, folder / name, told["exit"])
    assert [image["format"] for image in report["images"]] == told["formats"]
    assert report["keys"] == []
    found = {exposure["secret"]: exposure for exposure in report["exposures"]}
    assert set(found) == {one["secret"] for one in told["exposures"]}
    for secret, exposure in found.items():
        expected = [one for one in told["exposures"] if one["secret"] == secret]
        assert {exposure["severity"]} == {one["severity"] for one in expected}
        assert {fragment["encoding"] for fragment in exposure["fragments"]} == {
            encoding for one in expected for encoding in one["encodings"]
        }
        for one in expected:
            assert any(
                fragment["where"]["span"].startswith(one["where"])
                and fragment["encoding"] in one["encodings"]
                and (fragment["last"] - fragment["first"] == fragment["size"]) == one["whole"]
                for fragment in exposure["fragments"]
            )


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_scan_says_of_every_sample_exactly_what_the_manifest_says(ready: Ready, name: str) -> None:
    check(ready, CORPUS, name)


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_what_the_script_makes_anew_shows_the_same(ready: Ready, anew: Path, name: str) -> None:
    if (anew / name).read_bytes() != (CORPUS / name).read_bytes():  # of the same bytes it is the test above
        check(ready, anew, name)


def test_the_script_makes_the_same_manifest_and_registry(anew: Path) -> None:
    for name in ("manifest.json", "canaries.json"):
        assert (anew / name).read_bytes() == (CORPUS / name).read_bytes()


def test_what_the_script_writes_itself_is_the_same_on_every_machine(anew: Path) -> None:
    """Compressors may differ by version, and two processes do; the rest is the same byte for byte."""
    written = [name for name in MANIFEST if name.endswith((".log", ".jsonl", ".dmp", ".raw", ".tar"))]
    assert len(written) == 12
    for name in written:
        assert (anew / name).read_bytes() == (CORPUS / name).read_bytes()


def test_every_sample_has_a_clean_twin_every_canary_is_somewhere_and_all_are_small() -> None:
    assert {f"clean-{name}" for name, told in MANIFEST.items() if told["exit"] == 1} == {
        name for name, told in MANIFEST.items() if told["exit"] != 1
    }
    shown = {one["secret"] for told in MANIFEST.values() for one in told["exposures"]}
    assert shown == {canary["name"] for canary in REGISTRY["canaries"]}
    assert set(MANIFEST) < {path.name for path in CORPUS.iterdir()}
    assert all(0 < (CORPUS / name).stat().st_size <= LARGEST for name in MANIFEST)


def test_nothing_of_this_machine_is_in_a_sample_as_it_is_made(anew: Path) -> None:
    """Those that are committed were made so as well."""
    paths = [str(ROOT), sys.base_prefix, sys.prefix, str(anew), socket.gethostname(), "/nix/store"]
    private = [word for word in paths if len(word) > len("/usr/lib")] + ["/holder-"]  # shorter ones are no names
    for name in MANIFEST:
        content = plain(anew / name)
        for word in private:
            assert all(word.encode(width) not in content for width in ("utf-8", "utf-16-le", "utf-32-le")), name


def plain(path: Path) -> bytes:
    """The file as it is, and the core that is compressed in it."""
    content = path.read_bytes()
    return content + lzma.decompress(content) if path.suffix == ".xz" else content
