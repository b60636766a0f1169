"""The job that takes released dumps from production to debugging: ``send`` on one side, ``receive`` on the other.

    export_job.py receive ADDRESS PORT FOLDER [RECEIPT_KEY]
    export_job.py send FOLDER ADDRESS PORT

A dump comes in one request with its receipt in front. With a receipt key nothing is taken in that has no receipt of the
gate for these very bytes: until that is known they lie in a file without a name, which is gone with whoever holds it.
What is there already stays: another dump of that name is refused, and ``send`` says so and ends with 1.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote_to_bytes

RECEIPT = ".receipt.json"
_SECONDS = 30.0
"""That the other side may say nothing."""
_VERIFYING = 300.0
_LARGEST, _LARGEST_RECEIPT = 1 << 30, 1 << 20
"""Bytes."""
_BLOCK = 1 << 20
_LONGEST = 255
"""Bytes of a name."""
_placing = threading.Lock()


def send(folder: Path, address: str, port: int) -> tuple[list[str], list[str]]:
    """All dumps of the folder, each with its receipt. The names of those that are there now, and of the others."""
    taken: list[str] = []
    refused: list[str] = []
    for dump in sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith(".")):
        if not (dump.name.endswith(RECEIPT) and dump.with_name(dump.name.removesuffix(RECEIPT)).exists()):
            (taken if _put(dump, address, port) else refused).append(dump.name)
    return taken, refused


def _put(dump: Path, address: str, port: int) -> bool:
    receipt = dump.with_name(dump.name + RECEIPT)
    said = receipt.read_bytes() if receipt.is_file() and receipt.stat().st_size <= _LARGEST_RECEIPT else b""
    connection = HTTPConnection(address, port, timeout=_SECONDS + _VERIFYING)
    try:
        with dump.open("rb") as body:
            sizes = {"Content-Length": str(len(said) + dump.stat().st_size), "Receipt-Length": str(len(said))}
            blocks = chain([said], iter(lambda: body.read(_BLOCK), b""))
            connection.request("PUT", "/" + quote(os.fsencode(dump.name), safe=""), blocks, sizes)
            return connection.getresponse().status in (HTTPStatus.OK, HTTPStatus.CREATED)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def receive(address: str, port: int, folder: Path, key: Path | None) -> None:
    """Takes in what comes, until somebody ends the process. One process for one folder."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_PUT(self) -> None:
            name = os.fsdecode(unquote_to_bytes(self.path[1:]))
            receipt = self._length("Receipt-Length", "0", _LARGEST_RECEIPT)
            size = self._length("Content-Length", "", _LARGEST + _LARGEST_RECEIPT) - receipt
            if not _may_be_called(name) or receipt < 0 or not 0 <= size <= _LARGEST:
                self.send_error(HTTPStatus.BAD_REQUEST)
                return
            try:
                with tempfile.TemporaryFile(dir=folder) as said, tempfile.TemporaryFile(dir=folder) as dump:
                    whole = self._kept(said, receipt) and self._kept(dump, size)
                    status = taken_in(folder, name, said, dump, key) if whole else HTTPStatus.BAD_REQUEST
            except OSError:  # the other side went away, or says nothing; or the disk is full
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _length(self, header: str, without: str, largest: int) -> int:
            """-1 for what is no number, or too large a one."""
            said = self.headers.get(header, without)
            return int(said) if said.isascii() and said.isdigit() and len(said) < 19 and int(said) <= largest else -1

        def _kept(self, file: IO[bytes], size: int) -> bool:
            while size and (data := self.rfile.read(min(size, _BLOCK))):
                file.write(data)
                size -= len(data)
            file.flush()
            return size == 0

        def log_message(self, format: str, *values: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer((address, port), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


def _may_be_called(name: str) -> bool:
    """One part of a path, with room for the receipt beside it, and no receipt itself."""
    hidden = not name or name.startswith(".") or name.endswith(RECEIPT)
    return not (hidden or "/" in name or "\0" in name or len(os.fsencode(name + RECEIPT)) > _LONGEST)


def taken_in(folder: Path, name: str, receipt: IO[bytes], dump: IO[bytes], key: Path | None) -> HTTPStatus:
    """Puts a dump there, and its receipt before it. Both come in files without a name."""
    if key is not None and not verified(dump, receipt, key):
        return HTTPStatus.FORBIDDEN
    with _placing:
        if (folder / name).exists():
            return HTTPStatus.OK if _digest(folder / name) == _digest(_path(dump)) else HTTPStatus.CONFLICT
        if _size(receipt):
            _placed(receipt, folder / (name + RECEIPT))  # of a dump that never came it is replaced
        _placed(dump, folder / name)
    return HTTPStatus.CREATED


def _placed(file: IO[bytes], path: Path) -> None:
    """A copy that is there wholly, or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".arriving-", delete=False) as part:
        try:
            file.seek(0)
            shutil.copyfileobj(file, part, _BLOCK)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink()
            raise


def verified(dump: IO[bytes], receipt: IO[bytes], key: Path) -> bool:
    """Whether the gate says, signed, that it has released these bytes."""
    words = ["gate", "--verify", str(_path(receipt)), str(_path(dump)), "--receipt-key", str(key)]
    command = [sys.executable, "-m", "redactfuzz", *words]
    files = (dump.fileno(), receipt.fileno())
    try:
        done = subprocess.run(command, pass_fds=files, capture_output=True, timeout=_VERIFYING, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _path(file: IO[bytes]) -> Path:
    """Of a file without a name, for this process and for those that are given it."""
    return Path(f"/proc/self/fd/{file.fileno()}")


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(words: list[str]) -> int:
    """The status is 1 where a dump is not on the other side."""
    if words[0] == "receive":
        receive(words[1], int(words[2]), Path(words[3]), Path(words[4]) if words[4:] else None)
        return 0
    taken, refused = send(Path(words[1]), words[2], int(words[3]))
    for each in taken:
        print(each)
    for each in refused:
        print(f"not taken in: {each!a}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
