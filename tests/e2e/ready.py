"""A process that has imported what the command, or pytest, needs, and forks for each one that is asked of it.

To start an interpreter and to import everything is most of what a short command costs. Only tests that are about a
start need one: they start it themselves.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("redactfuzz")
_MOST = 1 << 18
"""Bytes of a request: the arguments and the environment."""
_SEED = {"PYTHONHASHSEED": "0"}
"""What the command would start itself anew with."""
_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC")
"""How names of variables begin that count when a process starts, and not later."""


class Ready:
    """The process, as the tests see it."""

    def __init__(self, environment: dict[str, str], *, pytest: bool = False) -> None:
        """``pytest``: it is not the command, but ``python -m pytest``."""
        self._fixed = {} if pytest else _SEED
        self._environment = _at_start(environment)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # By another one, so that it is no child of a worker of pytest, whose tests ask for their own.
            words = [sys.executable, __file__, str(theirs.fileno()), "pytest" if pytest else "command"]
            subprocess.run(
                ["sh", "-c", '"$@" &', "sh", *words],
                env={**environment, **self._fixed},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                check=True,
            )

    def close(self) -> None:
        """It ends when nobody can ask any more."""
        self._socket.close()

    def can(self, environment: dict[str, str]) -> bool:
        """Whether a process that starts with this environment would be like one of ours."""
        return _at_start(environment) == self._environment

    def run(
        self, folder: Path, arguments: list[str], environment: dict[str, str], seconds: float
    ) -> tuple[int, str, str]:
        """The command with arguments: its status as of ``subprocess``, stdout, stderr. Raises TimeoutExpired."""
        asked = {"folder": os.fspath(folder), "arguments": arguments, "environment": {**environment, **self._fixed}}
        (out, theirs), (err, theirs_too) = os.pipe(), os.pipe()
        try:
            socket.send_fds(self._socket, [json.dumps(asked).encode()], [theirs, theirs_too])
        finally:
            os.close(theirs)
            os.close(theirs_too)
        pid = int(self._socket.recv(_MOST))
        try:
            written = _read({out, err}, seconds)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired([str(COMMAND), *arguments], seconds) from None
        finally:
            os.close(out)
            os.close(err)
            status = int(self._socket.recv(_MOST))
        return status, written[out].decode(), written[err].decode()


def _at_start(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START) and name not in _SEED}


def _read(descriptors: set[int], seconds: float) -> dict[int, bytes]:
    """All that comes through these pipes. Raises TimeoutError."""
    found, deadline = dict.fromkeys(descriptors, b""), time.monotonic() + seconds
    with selectors.DefaultSelector() as waits:
        for each in descriptors:
            waits.register(each, selectors.EVENT_READ)
        while waits.get_map():
            ready = waits.select(deadline - time.monotonic())
            if not ready and time.monotonic() > deadline:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                found[key.fd] += data
                if not data:
                    waits.unregister(key.fd)
    return found


def _serve(connection: socket.socket, kind: str) -> None:
    """Forks for each request, until nobody can ask any more."""
    from redactfuzz.cli.main import VERBS, main

    for module, _ in VERBS.values():
        importlib.import_module(module)
    if kind == "pytest":
        importlib.import_module("pytest")
    gc.collect()
    gc.freeze()
    while True:
        data, streams, _, _ = socket.recv_fds(connection, _MOST, 2)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            connection.close()
            asked = json.loads(data)
            _become(asked, streams)
            if kind == "pytest":
                _by_module("pytest", asked["arguments"])
                sys.exit(sys.modules["pytest"].console_main())
            _by_path(COMMAND, asked["arguments"])
            main()
        for each in streams:
            os.close(each)
        connection.send(b"%d" % pid)
        connection.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become(asked: dict[str, Any], streams: list[int]) -> None:
    """What a process is that was started with the command."""
    for number, (name, each) in enumerate(zip(("stdout", "stderr"), streams, strict=True), 1):
        os.dup2(each, number)
        os.close(each)
        before = getattr(sys, name)  # knows whether what was there could be rewound
        stream = open(number, "w", encoding=before.encoding, errors=before.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])


def _by_path(path: Path, arguments: list[str]) -> None:
    """It was started by the path of a script."""
    sys.argv[:] = [str(path), *arguments]
    sys.orig_argv[:] = [sys.executable, *sys.argv]
    sys.path[0] = str(path.parent)
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__file__ = str(path)


def _by_module(name: str, arguments: list[str]) -> None:
    """It was started by ``python -m``."""
    spec = importlib.util.find_spec(f"{name}.__main__")
    assert spec is not None
    assert spec.origin is not None
    sys.argv[:] = [spec.origin, *arguments]
    sys.orig_argv[:] = [sys.executable, "-m", name, *arguments]
    sys.path[0] = str(Path.cwd())
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__spec__, main.__file__ = spec, spec.origin


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
