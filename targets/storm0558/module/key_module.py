"""SoftHSM2 with a key in it, in the process of whoever loads it or behind `p11-kit server` in a process of its own."""

from __future__ import annotations

import os
import secrets
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

LABEL = "signer"
_PLACES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
_CLIENTS = ("/usr/lib/*/pkcs11/p11-kit-client.so", "/usr/lib64/pkcs11/p11-kit-client.so")
_SECONDS = 30.0


class NotHere(Exception):
    """This machine has no such module. The message says what to install."""


@attrs.frozen
class Module:
    """A token of SoftHSM2 in a folder."""

    folder: Path
    library: Path
    pin: str = attrs.field(factory=lambda: secrets.token_hex(8), repr=False)
    """Who has it may sign."""

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that loads it."""
        return os.environ | {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def holds(self, key: Path) -> None:
        """Puts a private key (PEM, PKCS#8) into it: from then on no program is given its bytes."""
        (self.folder / "tokens").mkdir()
        conf = f"directories.tokendir = {self.folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        (self.folder / "softhsm2.conf").write_text(conf, "utf-8")
        self._run("--init-token", "--free", "--label", LABEL, "--pin", self.pin, "--so-pin", self.pin)
        self._run("--import", str(key), "--token", LABEL, "--label", LABEL, "--id", "01", "--pin", self.pin)

    def _run(self, *words: str) -> None:
        command = ["softhsm2-util", "--module", str(self.library), *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        if done.returncode:
            raise NotHere(f"softhsm2-util {words[0]}: {done.stderr.strip()}")

    @contextmanager
    def served(self) -> Iterator[tuple[Path, dict[str, str], int]]:
        """In a process of its own: what a client loads, the client's environment, and the server's number."""
        found = next((path for pattern in _CLIENTS for path in Path("/").glob(pattern.lstrip("/"))), None)
        if found is None or shutil.which("p11-kit") is None:
            raise NotHere("p11-kit's server and client: on Debian, apt-get install p11-kit p11-kit-modules")
        socket = self.folder / "server"
        command = ["p11-kit", "server", "--foreground", "--name", str(socket), "--provider", str(self.library)]
        process = subprocess.Popen([*command, f"pkcs11:token={LABEL}"], env=self.environment, stdout=subprocess.PIPE)
        try:
            _until(socket, process)
            yield found, os.environ | {"P11_KIT_SERVER_ADDRESS": f"unix:path={socket}"}, process.pid
        finally:
            process.terminate()
            process.wait(_SECONDS)
            assert process.stdout is not None
            process.stdout.close()


def module(folder: Path) -> Module:
    """A module without a key. Raises NotHere."""
    library = next((Path(place) for place in _PLACES if Path(place).exists()), None)
    if library is None or shutil.which("softhsm2-util") is None:
        raise NotHere("SoftHSM2: on Debian, apt-get install softhsm2")
    return Module(folder, library)


def _until(socket: Path, process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    until = time.monotonic() + _SECONDS
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise NotHere(f"p11-kit server did not open {socket.name} within {_SECONDS:.0f} s")
        select.select([process.stdout], [], [], 0.05)
