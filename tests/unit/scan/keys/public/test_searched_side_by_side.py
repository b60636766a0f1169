"""Windows of a dump are searched by several threads, which share tables: here in processes that may die of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

TIMES = 120.0
"""Seconds, at most."""
HEAD = """
import random, sys, threading
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import KnownKeys, parse_known
from redactfuzz.scan.keys.public import powers, scalars, sums
from redactfuzz.scan.keys.public.crt_exponents import CrtExponents
sys.setswitchinterval(1e-5)
draw = random.Random(5)

def known(private):
    return parse_known(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "signer")

def all_found(find, data, at):
    found = []
    threads = [threading.Thread(target=lambda: found.append([
        where.offset for one in find(Image("window", data)) for where in one.where])) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert found == [[at]] * 3, found
"""
OF_A_CURVE = """
private = ec.derive_private_key(draw.randrange(1 << 254, 1 << 255), ec.SECP256R1())
keys, secret = known(private), private.private_numbers().private_value.to_bytes(32, "little")
data = draw.randbytes(6000) + secret + draw.randbytes(6000)
for _ in range(6):
    sums.prepared.cache_clear()
    sums._followed.cache_clear()
    all_found(lambda image: scalars.Scalars().find(image, keys), data, 6000)
print("done")
"""
OF_RSA = """
private = rsa.generate_private_key(65537, 1024)
keys, secret = known(private), private.private_numbers().dmp1.to_bytes(64, "little")
data = draw.randbytes(300) + secret + draw.randbytes(300)
for _ in range(3):
    powers._prepared.cache_clear()
    all_found(lambda image: CrtExponents().find(image, keys), data, 300)
print("done")
"""


@pytest.mark.parametrize("search", [OF_A_CURVE, OF_RSA], ids=["scalars of a curve", "exponents of RSA"])
def test_a_table_that_another_thread_made_anew_or_threw_out_is_not_freed_under_a_search(search: str) -> None:
    done = subprocess.run([sys.executable, "-c", HEAD + search], capture_output=True, text=True, timeout=TIMES)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
