"""A masker keeps its secrets sorted in place; while ``list.sort`` calls its key function the list is empty."""

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


def longest_first(secret: str) -> int:
    """Sort key: a secret that contains another must be masked before it."""
    return -len(secret)


@attrs.define(eq=False)
class Masker:
    """Replaces the secrets that it was told about, longest first."""

    secrets: list[str] = attrs.field(factory=list)

    def add(self, secret: str) -> None:
        """From now on ``secret`` is masked."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[masked]")
        return text


class Vulnerable(Masker):
    """Sorts the list that readers iterate over."""

    def add(self, secret: str) -> None:
        """Append and sort in place."""
        self.secrets.append(secret)
        self.secrets.sort(key=longest_first)


class Fixed(Masker):
    """Copy on write."""

    def add(self, secret: str) -> None:
        """Replace the list by a sorted copy."""
        self.secrets = sorted([*self.secrets, secret], key=longest_first)


def stage(race: Race, kind: type[Masker]) -> None:
    """One secret is known from the start; a thread adds another; a crash reports both."""
    race.witness("build id", BUILD)
    masker = kind()
    scrub = race.redactor(masker.scrub)
    first = race.canary("boot secret").text
    masker.add(first)
    lines = [f"build {BUILD}", f"boot secret {first}"]

    def learn(secret: str) -> None:
        masker.add(secret)
        lines.append(f"session secret {secret}")

    race.thread(learn, race.canary("session secret").text, name="login")
    race.crash(lambda: scrub("\n".join(lines)))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the crash strikes during the sort."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
