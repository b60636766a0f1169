"""A header scrubber meets "dictionary changed size during iteration" and lets the headers through."""

import json

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
SENSITIVE = frozenset({"authorization", "cookie"})


@attrs.define(eq=False)
class Scrubber:
    """Masks headers by name."""

    def scrub(self, headers: dict[str, str]) -> dict[str, str] | None:
        """Return masked headers, or what :meth:`give_up` says when they change meanwhile."""
        try:
            return {name: "[masked]" if name in SENSITIVE else value for name, value in headers.items()}
        except RuntimeError:
            return self.give_up(headers)

    def give_up(self, headers: dict[str, str]) -> dict[str, str] | None:
        """Return what goes out although it could not be scrubbed."""
        raise NotImplementedError


class Vulnerable(Scrubber):
    """Fails open: a report without masking is thought better than none."""

    def give_up(self, headers: dict[str, str]) -> dict[str, str] | None:
        """Let the headers through."""
        return headers


class Fixed(Scrubber):
    """Fails closed."""

    def give_up(self, headers: dict[str, str]) -> dict[str, str] | None:
        """Drop the report."""
        return None


def stage(race: Race, kind: type[Scrubber]) -> None:
    """A request fills its headers while a crash reports them."""
    race.witness("build id", BUILD)
    scrub = race.redactor(kind().scrub)
    headers = {"host": "api.example", "x-build": BUILD}

    def request(token: str) -> None:
        headers["authorization"] = f"Bearer {token}"
        headers["accept"] = "application/json"

    def report() -> str | None:
        clean = scrub(headers)
        return None if clean is None else json.dumps(clean)

    race.thread(request, race.canary("bearer token").text, name="request")
    race.crash(report)


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the request adds a header in the middle of the scrub."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks: that report is dropped."""
    stage(race, Fixed)
