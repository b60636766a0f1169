"""A reference to a secret is masked when it has been resolved; the serialiser's ``repr`` resolves it later."""

import json

import attrs

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"


@attrs.define(eq=False, repr=False)
class Reference:
    """Stands for a secret in the configuration until somebody needs the secret."""

    name: str
    store: dict[str, str]
    known: list[str]
    value: str | None = None

    def resolve(self) -> str:
        """Return the secret; it is known to the redactor before it is handed out."""
        if self.value is None:
            self.known.append(self.store[self.name])
            self.value = self.store[self.name]
        return self.value


class Vulnerable(Reference):
    """Shows what it stands for, as is handy in a debugger."""

    def __repr__(self) -> str:
        """Resolve, if need be."""
        return f"Reference({self.name}={self.resolve()})"


class Fixed(Reference):
    """Never resolves to be shown."""

    def __repr__(self) -> str:
        """Name the secret."""
        return f"Reference({self.name})"


@attrs.define(eq=False)
class Application:
    """A configuration with a reference in it."""

    reference: Reference
    config: dict[str, object] = attrs.field(factory=lambda: {"build": BUILD, "password": None, "dsn": None})

    def __attrs_post_init__(self) -> None:
        """Put the reference in its place."""
        self.config["password"] = self.reference

    def connect(self) -> None:
        """Open the database."""
        self.config["dsn"] = f"pg://app:{self.reference.resolve()}@db"

    def scrub(self, config: dict[str, object]) -> dict[str, object]:
        """Return a copy without the known secrets; a reference that has not been resolved holds none."""
        clean: dict[str, object] = {}
        for name, item in dict(config).items():
            if isinstance(item, Reference) and item.value is not None:
                clean[name] = "[masked]"
            elif isinstance(item, str):
                for secret in self.reference.known:
                    item = item.replace(secret, "[masked]")
                clean[name] = item
            else:
                clean[name] = item
        return clean


def stage(race: Race, kind: type[Reference]) -> None:
    """The application connects while a crash is reported."""
    race.witness("build id", BUILD)
    application = Application(kind("database", {"database": race.canary("password").text}, []))
    scrub = race.redactor(application.scrub)
    race.thread(application.connect, name="connect")
    race.crash(lambda: json.dumps(scrub(application.config), default=repr))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks when the crash strikes before the reference has been resolved."""
    stage(race, Vulnerable)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, Fixed)
