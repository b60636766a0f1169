"""Real cores, by real processes: C programs that get a secret on stdin, do something with it, and crash."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.scan.matcher import Hit, Matcher, Planted

PRELUDE = r"""
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void wipe(void *p, size_t n) { for (volatile uint8_t *q = p; n--;) *q++ = 0; }
/* Nothing of the C library runs between the last use of the registers and the death. */
static inline void die(void)
{
    pid_t pid = getpid();
#ifdef __x86_64__
    long ignored;
    __asm__ volatile("syscall" : "=a"(ignored) : "a"(SYS_kill), "D"((long)pid), "S"((long)SIGABRT)
                     : "rcx", "r11", "memory");
#else
    kill(pid, SIGABRT);
#endif
}
"""


def secret(name: str, size: int = 32) -> Canary:
    return mint(11, name, token(size), 1)


def search(data: bytes, *canaries: Canary) -> list[Hit]:
    matcher = Matcher()
    matcher.plant(
        [Planted(source, group) for group, canary in enumerate(canaries) for source in canary.sources()]
    )
    return matcher.scan(data)


class Programs:
    """Compiles each program once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, Path] = {}

    def build(self, source: str, *flags: str) -> Path:
        if source not in self._built:
            program = self._folder / f"program{len(self._built)}"
            code = program.with_suffix(".c")
            code.write_text(PRELUDE + source, "utf-8")
            command = ["gcc", "-std=gnu11", "-O1", "-g", *flags, str(code), "-o", str(program)]
            built = subprocess.run(command, capture_output=True, text=True, check=False)
            assert built.returncode == 0, built.stderr
            self._built[source] = program
        return self._built[source]

    def core(self, source: str, canary: Canary, folder: Path, *flags: str) -> bytes:
        program = self.build(source, *flags)
        ended = subprocess.run(
            [str(program)], input=canary.bytes, cwd=folder, env={}, preexec_fn=_allow_core, check=False
        )
        assert ended.returncode == -6
        found = [path for path in folder.iterdir() if path.name.startswith("core")]
        assert found, "no core was written: core_pattern must be relative to the working directory"
        return found[0].read_bytes()


def _allow_core() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return Programs(tmp_path_factory.mktemp("programs"))
