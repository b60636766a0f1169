"""The consumer signer signs with the key that a pipe brings, and crashes: `consumer_signer.py CORE` leaves a core."""

from __future__ import annotations

import shutil
import sys

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from redactfuzz.dumps.producers.core_producer import core


def main() -> None:
    """Signs a few tokens; then the core of this process, with all its memory, goes to the file that is named."""
    key = load_der_private_key(sys.stdin.buffer.read(), None)
    for number in range(3):
        key.sign(b"token %d" % number, PKCS1v15(), SHA256())  # type: ignore[union-attr, call-arg]
    shutil.copyfile(core(), sys.argv[1])


if __name__ == "__main__":
    main()
