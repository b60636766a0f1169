"""A ``finally`` block returns the password and the vault forgets it; the traceback still holds it.

The crash is an exception in the job, and the hook collects the locals of the traceback's frames.
"""

from types import TracebackType

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False)
class Vault:
    """Lends passwords and knows which are lent."""

    store: dict[str, str]
    known: list[str] = attrs.field(factory=list)

    def check_out(self, name: str) -> str:
        """Lend a password; it is masked from now on."""
        self.known.append(self.store[name])
        return self.store[name]

    def check_in(self, name: str) -> None:
        """Take a password back."""
        raise NotImplementedError

    def scrub(self, text: str) -> str:
        """Return ``text`` without the known passwords."""
        for secret in self.known:
            text = text.replace(secret, "[masked]")
        return text


class Vulnerable(Vault):
    """A password that nobody has borrowed needs no masking."""

    def check_in(self, name: str) -> None:
        """Forget the password."""
        self.known.remove(self.store[name])


class Fixed(Vault):
    """Frames outlive the lease: a password that was lent once is masked for good."""

    def check_in(self, name: str) -> None:
        """Keep masking."""


def query(password: str, attempt: int) -> int:
    """Ask the database for some rows."""
    rows = 0
    for page in range(3):
        rows += page * attempt
    return rows


def nightly_job(vault: Vault) -> None:
    """Query the database three times, with the password for as long as it takes."""
    for attempt in range(3):
        password = vault.check_out("database")
        try:
            query(password, attempt)
        finally:
            vault.check_in("database")


def locals_of(trace: TracebackType | None) -> list[str]:
    """Return the text variables of each frame of the traceback."""
    lines = []
    while trace is not None:
        variables = dict(trace.tb_frame.f_locals)
        lines += [f"{name}={value}" for name, value in variables.items() if isinstance(value, str)]
        trace = trace.tb_next
    return lines


def stage(race: Race, kind: type[Vault]) -> None:
    """One job, in which an exception strikes."""
    race.witness("build id", BUILD)
    vault = kind({"database": race.canary("password").text})
    scrub = race.redactor(vault.scrub)

    def hook(_type: type[BaseException], _error: BaseException, trace: TracebackType | None) -> str:
        return scrub("\n".join([f"build {BUILD}", *locals_of(trace)]))

    race.thread(nightly_job, vault, name="nightly job")
    race.crash(hook, by="exception")


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the exception strikes while the password is lent."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
