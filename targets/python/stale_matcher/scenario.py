"""A masker caches its compiled matcher; a slow compiler stores the old one over the invalidation."""

import threading

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
_LOCK = threading.Lock()


@attrs.define(eq=False)
class Masker:
    """Masks with a matcher that is compiled on first use and kept until the next registration."""

    secrets: tuple[str, ...] = ()
    matcher: tuple[str, ...] | None = None

    def register(self, secret: str) -> None:
        """Add ``secret`` and throw the compiled matcher away."""
        with _LOCK:
            self.secrets = (*self.secrets, secret)
            self.matcher = None

    def compiled(self) -> tuple[str, ...]:
        """Return the matcher for all registered secrets."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without the registered secrets."""
        for needle in self.compiled():
            text = text.replace(needle, "[masked]")
        return text


def compile_matcher(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Longest first, so that no secret hides inside another."""
    return tuple(sorted(secrets, key=len, reverse=True))


class Vulnerable(Masker):
    """Compiles outside the lock."""

    def compiled(self) -> tuple[str, ...]:
        """Return the matcher, perhaps of an older set of secrets, and cache it."""
        matcher = self.matcher
        if matcher is None:
            matcher = compile_matcher(self.secrets)
            self.matcher = matcher
        return matcher


class Fixed(Masker):
    """Reads the secrets, compiles and stores under the lock that also guards the invalidation."""

    def compiled(self) -> tuple[str, ...]:
        """Return the matcher for all registered secrets."""
        with _LOCK:
            if self.matcher is None:
                self.matcher = compile_matcher(self.secrets)
            return self.matcher


def stage(race: Race, kind: type[Masker]) -> None:
    """One thread logs, one reloads the settings with a new token, then a crash."""
    race.witness("build id", BUILD)
    masker = kind()
    scrub = race.redactor(masker.scrub)
    settings = {"build": BUILD, "token": ""}
    log: list[str] = []

    def heartbeat() -> None:
        log.append(scrub("alive"))

    def reload(token: str) -> None:
        masker.register(token)
        settings["token"] = token

    race.thread(heartbeat, name="heartbeat")
    race.thread(reload, race.canary("token").text, name="reload")
    race.crash(lambda: scrub(f"{settings}"))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks for good once the stale matcher has been stored."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
