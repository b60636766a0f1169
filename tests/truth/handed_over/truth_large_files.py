"""Open 16: a large file is a dump as it is when it is handed over."""

from __future__ import annotations

from pathlib import Path

from truth import LEAK, PASS, case

from redactfuzz import Race

_SIZE = 65 << 20


def _written(path: Path, content: bytes) -> Path:
    with path.open("wb") as file:
        file.write(content)
        file.truncate(_SIZE)
    return path


@case("2.2", PASS, strategy="sequential", executions=10)
def a_large_file_of_this_execution(race: Race) -> None:
    """The handler writes a large file, masked, into the folder of the execution."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.crash(lambda: _written(race.tmp_path / "core", mask(f"key={key.text}").encode()))


@case("2.2", LEAK, strategy="sequential", executions=10)
def a_large_file_that_is_masked_later(race: Race) -> None:
    """It is masked in place once it was handed over."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def work() -> None:
        path = _written(race.tmp_path / "core", key.bytes)
        race.dump(path)
        with path.open("r+b") as file:
            file.write(b"*" * len(key.bytes))

    race.thread(work)
    race.crash(lambda: mask(key.text))
