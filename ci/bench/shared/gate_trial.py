"""The command `redactfuzz gate --watch`, killed again and again, between a hostile writer and a reader."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import attrs
from shared.hostile_dumps import OUTSIDE, Account, account

from redactfuzz.gate.names import OWN, RECEIPT
from redactfuzz.gate.receipt import PUBLIC, ReceiptError, verified
from redactfuzz.model.canary import token
from redactfuzz.model.registry import Entry, Registry, registry_to_json

WRITER = Path(__file__).with_name("hostile_dumps.py")
REDACTFUZZ = Path(sys.executable).with_name("redactfuzz")
LAST = 120.0
"""Seconds for a gate to start, and for the last one to come to its end."""


@attrs.define(eq=False)
class Trial:
    """One, in a folder of its own."""

    folder: Path
    chance: random.Random
    released: dict[str, bool] = attrs.field(factory=dict)
    taken: Counter[str] = attrs.field(factory=Counter)
    stages: Counter[str] = attrs.field(factory=Counter)
    """What a gate had told last when it was killed."""

    @classmethod
    def in_folder(cls, folder: Path, seed: int) -> Trial:
        for name in ("from", "to", "quarantine"):
            (folder / name).mkdir(parents=True)
        registry = Registry(seed, (Entry("token", token(32), 1),))
        (folder / "canaries.json").write_text(registry_to_json(registry))
        (folder / "secret").write_text(registry.mint()[0].text)
        (folder / "outside").write_text(OUTSIDE + registry.mint()[0].text)
        return cls(folder, random.Random(seed))

    def command(self, *more: str) -> list[str]:
        options = {name: name for name in ("from", "to", "quarantine", "log")} | {"canaries": "canaries.json"}
        paths = [word for name, path in options.items() for word in (f"--{name}", str(self.folder / path))]
        return [str(REDACTFUZZ), "gate", *paths, "--settle", "0", *more]

    def run(self, dumps: int, kills: int, seconds: float) -> Account:
        """Seconds: over which dumps are written, and gates killed."""
        words = [self.folder / "from", dumps, self.chance.getrandbits(30), (self.folder / "secret").read_text(),
                 self.folder / "outside", self.folder / "ledger", seconds]  # fmt: skip
        writer = subprocess.Popen([sys.executable, str(WRITER), *map(str, words)])
        try:
            for _ in range(kills):
                self.killed()
                self.takes()
        finally:
            writer.wait(seconds + LAST)
        self.comes_to_its_end()
        self.takes()
        quarantined = Counter(_hash(path) for path in self.dumps(self.folder / "quarantine"))
        return account(self.folder / "ledger", self.released, quarantined, self.taken)

    def killed(self) -> None:
        """A gate, at a moment of its start or of its work."""
        log = self.folder / "log"
        before = log.stat().st_size if log.exists() else 0
        gate = subprocess.Popen(self.command("--watch", "--every", "0.02"), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + LAST
        while self.chance.random() > 0.002 and time.monotonic() < deadline and gate.poll() is None:
            if log.exists() and log.stat().st_size > before:
                break
            time.sleep(0.01)
        time.sleep(self.chance.random() * 1.5)
        if gate.poll() is not None:
            raise RuntimeError(f"a gate ended by itself, with {gate.returncode}")
        gate.send_signal(signal.SIGKILL)
        gate.wait()
        text = log.read_text()[before:] if log.exists() else ""
        self.stages[text.rpartition('"event": "')[2].partition('"')[0] or "its start"] += 1

    def comes_to_its_end(self) -> None:
        """Until nothing is left but what is refused."""
        done = subprocess.run(self.command("--once"), stdout=subprocess.DEVNULL, timeout=LAST * 10, check=False)
        if done.returncode not in (0, 1, 5):
            raise RuntimeError(f"the last gate ended with {done.returncode}")

    def takes(self) -> None:
        """All that is on the other side, with its receipt, as whoever reads dumps does."""
        key = self.folder / "quarantine" / ".gate" / PUBLIC
        for path in self.dumps(self.folder / "to"):
            receipt = path.with_name(path.name + RECEIPT)
            sha256 = _hash(path)
            try:
                good = verified(receipt, path, key)["outlet"] == "released"
            except ReceiptError:
                good = False
            self.released[sha256] = good and self.released.get(sha256, True)
            self.taken[sha256] += 1
            path.unlink()
            receipt.unlink()

    def dumps(self, folder: Path) -> Sequence[Path]:
        return [
            path
            for path in folder.iterdir()
            if path.is_file() and not path.name.startswith(OWN) and not path.name.endswith(RECEIPT)
        ]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
