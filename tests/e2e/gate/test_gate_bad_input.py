"""``redactfuzz gate`` with what it cannot use: a clear error, its status, and nothing released."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from commands import Run
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

pytestmark = pytest.mark.once

PLACES = ("--from", "in", "--to", "out", "--quarantine", "kept", "--log", "log.jsonl", "--settle", "0")
CLEAN = b"nothing of interest\n" * 50


@pytest.fixture
def place(folder: Path) -> Path:
    for name in ("in", "out", "kept"):
        (folder / name).mkdir()
    (folder / "in" / "core").write_bytes(CLEAN)
    return folder


def assert_nothing_left(place: Path) -> None:
    assert not list((place / "out").iterdir())
    assert (place / "in" / "core").read_bytes() == CLEAN


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "needs --from DIR, --to DIR, --quarantine DIR and --log FILE"),
        (PLACES[:6], "needs --from DIR"),
        ((*PLACES, "--once", "--watch"), "--once and --watch: choose one"),
        ((*PLACES, "core"), "only --core-pipe takes words"),
        ((*PLACES, "--to", "nowhere"), "it is no folder that can be used"),
        ((*PLACES, "--to", "in"), "the folder of --from as well"),
        ((*PLACES, "--jwks", "https://issuer.example/keys.json"), "only files"),
        ((*PLACES, "--jwks", "nowhere.json"), "nowhere.json"),
        ((*PLACES, "--canaries", "in/core"), "--canaries in/core"),
        ((*PLACES, "--allow", "nowhere.toml"), "there is no such file"),
        ((*PLACES, "--sign-with", "in/core"), "it is no key in PEM"),
        ((*PLACES, "--max-size", "much"), "is no number of bytes"),
        ((*PLACES, "--no-marker"), "give --canaries FILE"),
        ((*PLACES, "--log", "in/log"), "--log in/log: it lies in --from"),
        ((*PLACES, "--metrics", "out/metrics"), "--metrics out/metrics: it lies in --to"),
        ((*PLACES, "--log", "kept/.gate/log"), "it lies in the gate's own folder"),
        (("--core-pipe",), "--core-pipe needs --from DIR"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_leaves(
    cli: Run, place: Path, words: tuple[str, ...], message: str
) -> None:
    ran = cli("gate", *words)
    assert ran.code == 2, ran.both
    assert message in ran.err
    assert_nothing_left(place)


@pytest.mark.parametrize("log", ["nowhere/log", "in", "fifo", "link"])
def test_without_a_log_nothing_leaves(cli: Run, place: Path, log: str) -> None:
    os.mkfifo(place / "fifo")
    (place / "link").symlink_to("elsewhere")
    ran = cli("gate", *PLACES, "--log", log)
    assert ran.code == 2  # 1 says that a dump leaks
    assert f"--log {log}" in ran.err
    assert_nothing_left(place)


def test_metrics_that_cannot_be_written_hold_up_no_dump_and_are_no_leak(cli: Run, place: Path) -> None:
    ran = cli("gate", *PLACES, "--metrics", "nowhere/metrics.prom")
    assert ran.code == 5, ran.both
    assert "FAILED  (--metrics): No such file" in ran.out
    assert (place / "out" / "core").read_bytes() == CLEAN


def test_a_key_that_others_can_write_signs_nothing_and_the_public_half_of_any_other_lies_there(
    cli: Run, place: Path
) -> None:
    shutil.copytree(place, place / "other")
    other = ("--from", "other/in", "--to", "other/out", "--quarantine", "other/kept", "--log", "log")
    assert cli("gate", *other).code == 0
    key = place / "other" / "kept" / ".gate" / "receipt-key.pem"
    key.chmod(0o666)
    ran = cli("gate", *PLACES, "--sign-with", str(key))
    assert (ran.code, "others can write to it" in ran.err) == (2, True)
    assert_nothing_left(place)
    key.chmod(0o444)
    assert cli("gate", *PLACES, "--sign-with", str(key)).code == 0
    public = place / "kept" / ".gate" / "receipt-key.pub.pem"
    assert public.read_bytes() == key.with_name(public.name).read_bytes()


def jwks(count: int) -> tuple[str, bytes]:
    """So many public keys, and a prime of the first of them."""

    def numbered(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(128, "big")).rstrip(b"=").decode()

    numbers = generate_private_key(65537, 1024).private_numbers()
    others = [numbers.public_numbers.n + 2 * number for number in range(count)]
    keys = [{"kty": "RSA", "kid": f"key {n % 997}", "n": numbered(n), "e": "AQAB"} for n in others]
    return json.dumps({"keys": keys}), numbers.p.to_bytes(64, "big")


def test_two_hundred_public_keys_are_looked_for(cli: Run, place: Path) -> None:
    text, prime = jwks(200)
    (place / "keys.json").write_text(text)
    (place / "in" / "prime").write_bytes(CLEAN + prime + CLEAN)
    ran = cli("gate", *PLACES, "--jwks", "keys.json")
    assert ran.code == 1, ran.both
    assert "QUARANTINED  prime: LEAK" in ran.out
    assert (place / "out" / "core").read_bytes() == CLEAN
    assert not (place / "out" / "prime").exists()


def test_a_thousand_public_keys_are_more_than_is_looked_for_and_nothing_leaves(cli: Run, place: Path) -> None:
    (place / "keys.json").write_text(jwks(1000)[0])
    ran = cli("gate", *PLACES, "--jwks", "keys.json")
    assert ran.code == 2
    assert "has 1,000 keys" in ran.err
    assert_nothing_left(place)


MOUNTS = shutil.which("unshare") and subprocess.run(
    ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
).returncode == 0


def mounted(place: Path, script: str, *words: str) -> subprocess.CompletedProcess[str]:
    from ready import COMMAND

    command = " ".join([str(COMMAND), "gate", *PLACES, *words])
    whole = f"{script}; set +e; {command}; echo status $?; ls -A out kept full"
    return subprocess.run(["unshare", "-Urm", "sh", "-ec", whole], cwd=place, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip


@pytest.mark.skipif(not MOUNTS, reason="nobody may mount anything here, not even in a namespace of their own")
@pytest.mark.parametrize(
    ("script", "words", "status", "said"),
    [
        ("mount -t tmpfs -o size=1M none out", (), 0, "RELEASED"),  # another file system
        ("mount -t tmpfs none kept; mount -o remount,ro kept", (), 2, "Read-only"),
        ("mount -t tmpfs none kept; mount -o remount,ro kept", ("--state", "own"), 2, "Read-only"),
        ("mount -t tmpfs -o size=64k none kept; head -c 1M /dev/urandom > in/core2", (), 5, "No space left"),
        ("mount -t tmpfs -o size=64k none out; head -c 1M /dev/urandom > in/core2", (), 5, "No space left"),
    ],
    ids=["other file system", "read-only quarantine", "read-only quarantine, state elsewhere", "full", "full target"],
)
def test_on_disks_that_are_full_read_only_or_others(
    place: Path, script: str, words: tuple[str, ...], status: int, said: str
) -> None:
    (place / "full").mkdir()
    ran = mounted(place, script, *words)
    assert f"status {status}" in ran.stdout, ran.stdout + ran.stderr
    assert said in ran.stdout + ran.stderr
    assert (place / "in" / "core").exists() == (status == 2)
    assert "core2" not in ran.stdout.partition("status")[2]
    if "core2" in script:
        assert (place / "in" / "core2").stat().st_size == 1 << 20
