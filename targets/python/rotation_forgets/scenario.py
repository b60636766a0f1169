"""A key ring forgets the old key at rotation while a crash report that holds it waits to be scrubbed."""

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Masker:
    """Replaces the keys that it was told about."""

    keys: list[str] = attrs.field(factory=list)

    def register(self, key: str) -> None:
        """From now on ``key`` is masked."""
        self.keys.append(key)

    def retire(self, key: str) -> None:
        """``key`` is no longer used."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered keys."""
        for key in self.keys:
            text = text.replace(key, "[masked]")
        return text


class Vulnerable(Masker):
    """Keeps only the keys in use."""

    def retire(self, key: str) -> None:
        """Stop masking ``key``."""
        self.keys.remove(key)


class Fixed(Masker):
    """A report may have been made before the rotation: a retired key is masked as long as the process lives."""

    def retire(self, key: str) -> None:
        """Go on masking ``key``."""


@attrs.define(eq=False)
class KeyRing:
    """Holds the signing key."""

    masker: Masker
    key: str

    def rotate(self, fresh: str) -> None:
        """Sign with ``fresh`` from now on."""
        self.masker.register(fresh)
        old, self.key = self.key, fresh
        self.masker.retire(old)

    def report(self) -> str:
        """Return the crash report, not yet redacted."""
        return f"build {BUILD} signing with {self.key}"


def stage(race: Race, kind: type[Masker]) -> None:
    """The key rotates while a crash is reported."""
    race.witness("build id", BUILD)
    masker = kind()
    ring = KeyRing(masker, race.canary("key").text)
    masker.register(ring.key)
    scrub = race.redactor(masker.scrub)
    race.thread(ring.rotate, race.canary("next key").text, name="rotate")
    race.crash(lambda: scrub(ring.report()))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks the old key when it is retired between report and scrub."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
