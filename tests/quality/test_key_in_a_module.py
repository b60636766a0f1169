"""A key in a PKCS#11 module lies in the memory of whoever loads that: it takes a process of its own to keep it out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import key_module
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

pytestmark = pytest.mark.once

SIGNER = Path(key_module.__file__).with_name("module_signer.py")
CORES = 6
"""In a trial 5 of 6 showed a prime factor: the module has it in the clear while it signs."""


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory) -> key_module.Module:
    folder = tmp_path_factory.mktemp("module")
    try:
        made = key_module.module(folder)
        key = generate_private_key(65537, 2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(pem)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / "public.pem").write_bytes(public)
        made.holds(folder / "key.pem")
        with made.served():
            pass
    except key_module.NotHere as error:
        pytest.skip(f"keys in modules are NOT CHECKED here: {error}")
    return made


def found(holding: key_module.Module, library: Path, environment: Mapping[str, str]) -> set[str]:
    """The detectors that find a part of the key in the core of a signer that crashes while it signs."""
    core = holding.folder / "core"
    command: list[str | Path] = [sys.executable, SIGNER, library, core]
    subprocess.run(command, env=environment, input=holding.pin.encode(), check=True, timeout=120)
    words = ["-m", "redactfuzz", "scan", str(core), "--public-key", str(holding.folder / "public.pem"), "--json"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["complete"]
    return {key["detector"] for key in report["keys"] if "public.pem" in key["what"]}


def test_a_module_in_the_process_of_the_signer_leaves_prime_factors_in_its_core(holding: key_module.Module) -> None:
    for _ in range(CORES):
        if "rsa-prime" in found(holding, holding.library, holding.environment):
            return
    pytest.fail(f"none of {CORES} cores held a prime factor")


def test_behind_a_server_nothing_of_the_key_is_in_the_core_of_the_client_but_the_pin_is(
    holding: key_module.Module,
) -> None:
    """With the PIN, and a way to the server, whoever reads that core can sign."""
    with holding.served() as (client, environment, _):
        assert [found(holding, client, environment) for _ in range(2)] == [set(), set()]
    assert holding.pin.encode() in (holding.folder / "core").read_bytes()
