"""The job that takes released dumps from production to debugging: ``send`` on one side, ``receive`` on the other.

    export_job.py receive ADDRESS PORT FOLDER [RECEIPT_KEY]
    export_job.py send FOLDER ADDRESS PORT

With a receipt key nothing is taken in that has no receipt of the gate for these very bytes, a receipt neither: until
its dump has come, and is what it says, it lies aside, and a core that is called one stays there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

RECEIPT = ".receipt.json"
_SECONDS = 30.0
_LARGEST = 1 << 30
"""Bytes of a dump."""
_ASIDE = ".receipt-of-"
"""In front of the name of a dump that has not come yet."""


def send(folder: Path, address: str, port: int) -> list[str]:
    """All dumps of the folder, each after its receipt. Gives the names of those that were taken in."""
    taken = []
    for dump in sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")):
        if dump.name.endswith(RECEIPT):
            continue
        receipt = dump.with_name(dump.name + RECEIPT)
        if all(_put(each, address, port) for each in (receipt, dump) if each.exists()):
            taken.append(dump.name)
    return taken


def _put(file: Path, address: str, port: int) -> bool:
    connection = HTTPConnection(address, port, timeout=_SECONDS)
    try:
        with file.open("rb") as body:
            size = {"Content-Length": str(file.stat().st_size)}
            connection.request("PUT", "/" + quote(file.name, safe=""), body, size)
        return connection.getresponse().status == 201
    finally:
        connection.close()


def receive(address: str, port: int, folder: Path, key: Path | None) -> None:
    """Takes in what comes, until somebody ends the process."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_PUT(self) -> None:
            name, size = unquote(self.path[1:]), int(self.headers.get("Content-Length", "-1"))
            if not name or "/" in name or name.startswith(".") or not 0 <= size <= _LARGEST:
                self.send_error(400)
                return
            self.send_response(201 if self._kept(name, size) else 403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _kept(self, name: str, size: int) -> bool:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".arriving-", delete=False) as part:
                path = Path(part.name)
                while size and (data := self.rfile.read(min(size, 1 << 20))):
                    part.write(data)
                    size -= len(data)
            taken = size == 0 and self._taken(path, name)
            if not taken:
                path.unlink()
            return taken

        def _taken(self, path: Path, name: str) -> bool:
            if name.endswith(RECEIPT):
                path.rename(folder / (_ASIDE + name.removesuffix(RECEIPT)))
                return True
            receipt = folder / (_ASIDE + name)
            if key is not None and not (receipt.exists() and verified(path, receipt, key)):
                receipt.unlink(missing_ok=True)
                return False
            if receipt.exists():
                receipt.rename(folder / (name + RECEIPT))
            path.rename(folder / name)
            return True

        def log_message(self, format: str, *values: object) -> None:
            """Nobody reads it."""

    with HTTPServer((address, port), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


def verified(dump: Path, receipt: Path, key: Path) -> bool:
    """Whether the gate says, signed, that it has released these bytes."""
    words = ["gate", "--verify", str(receipt), str(dump), "--receipt-key", str(key)]
    done = subprocess.run([sys.executable, "-m", "redactfuzz", *words], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    if sys.argv[1] == "send":
        print(*send(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])), sep="\n")
    else:
        receive(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]) if sys.argv[5:] else None)
