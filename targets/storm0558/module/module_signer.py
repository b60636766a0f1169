"""A signer whose key lies in a PKCS#11 module: ``module_signer.py MODULE CORE`` signs, and crashes while it signs.

The PIN of the module comes by a pipe. With ``-`` for the core it says that it signs, and goes on until it is killed.
The module is loaded into this process; where it is p11-kit's client the key, and whoever works with it, are in another.
"""

from __future__ import annotations

import random
import shutil
import sys
import threading
import time

import pkcs11

from redactfuzz.dumps.producers.core_producer import core

LABEL = "signer"
_SECONDS = 30.0
_MOMENT = 0.1
"""Seconds of further signatures at most, until the crash."""


def main() -> None:
    """One thread signs, another one takes the core of the process, which goes to the file that is named."""
    module, path = sys.argv[1:]
    pin = sys.stdin.readline().strip()
    token = pkcs11.lib(module).get_token(token_label=LABEL)
    begun, over = threading.Event(), threading.Event()

    def sign() -> None:
        with token.open(user_pin=pin) as session:
            key = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=LABEL)
            while not over.is_set():
                key.sign(b"token", mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)
                begun.set()

    thread = threading.Thread(target=sign, name="signer")
    thread.start()
    if not begun.wait(_SECONDS):
        sys.exit(f"no signature within {_SECONDS:.0f} s")
    if path == "-":
        print("it signs", flush=True)
        thread.join()
    time.sleep(random.uniform(0, _MOMENT))
    shutil.copyfile(core(), path)
    over.set()
    thread.join(_SECONDS)


if __name__ == "__main__":
    main()
