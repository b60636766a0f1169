"""A flight recorder has two buffers; the dumper holds the front one's index while the writer swaps twice."""

from collections.abc import Callable

import attrs

from redactfuzz import Race, integer, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Recorder:
    """Keeps the last request for the crash report."""

    scrub: Callable[[str], str]

    def record(self, line: str) -> None:
        """Remember ``line``, redacted."""
        raise NotImplementedError

    def latest(self) -> str:
        """Return what was recorded last."""
        raise NotImplementedError


@attrs.define(eq=False)
class Vulnerable(Recorder):
    """Fills and redacts the back buffer, then makes it the front one."""

    buffers: list[str] = attrs.field(factory=lambda: [f"build {BUILD} idle"] * 2)
    front: int = 0

    def record(self, line: str) -> None:
        """Remember ``line``, redacted."""
        back = 1 - self.front
        self.buffers[back] = f"build {BUILD} {line}"
        self.buffers[back] = self.scrub(self.buffers[back])
        self.front = back

    def latest(self) -> str:
        """Return the front buffer: the writer never touches it, unless it swaps meanwhile."""
        front = self.front
        return self.buffers[front]


@attrs.define(eq=False)
class Fixed(Recorder):
    """A frame is never changed after it was published: old ones live as long as somebody reads them."""

    frame: str = f"build {BUILD} idle"

    def record(self, line: str) -> None:
        """Remember ``line``, redacted."""
        self.frame = self.scrub(f"build {BUILD} {line}")

    def latest(self) -> str:
        """Return the current frame."""
        return self.frame


def stage(race: Race, kind: type[Recorder]) -> None:
    """A session records two requests, both with its key."""
    race.witness("build id", BUILD)
    key = str(race.canary("session key", integer(256)).int)
    recorder = kind(race.redactor(lambda text: text.replace(key, "[masked]")))

    def session() -> None:
        recorder.record(f"first request key={key}")
        recorder.record(f"second request key={key}")

    race.thread(session, name="session")
    race.crash(recorder.latest)


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the dumper reads the buffer that has become the back one."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
