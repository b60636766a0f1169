"""A dump that was read, and no record of it: see README.md. Inspired by an account that was later corrected."""

from desk import Desk, SendsFirst, WritesFirst

from redactfuzz import Race, scenario

NAME = "signer.core"


class Audit:
    """What left the building and to whom, and what the log says of it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.records: list[tuple[str, str]] = []

    def write(self, who: str, name: str) -> None:
        self.records.append((who, name))

    def unexplained(self, sent: list[tuple[str, str, str]]) -> list[str]:
        """Copies that somebody has, and of which no record says that it was this one."""
        return [copy for who, name, copy in sent if (who, name) not in self.records]


def two_readers(race: Race, desk: type[Desk]) -> None:
    """Two engineers fetch one dump, and the service dies at any moment. In each copy is a mark, by which it is known
    whose it is. What nobody can account for is the leak."""
    race.witness("service", "dump service 4.1")
    audit = Audit()
    unexplained = race.redactor(audit.unexplained, bypass=lambda sent: [copy for _, _, copy in sent])
    service = desk(audit.write)

    def fetch(who: str, copy: str) -> None:
        service.hand_out(who, NAME, copy.encode(), lambda data: audit.sent.append((who, NAME, data.decode())))

    for who in ("Alice", "Bob"):
        race.thread(fetch, who, race.canary(f"dump of {who}").text, name=who)
    race.crash(lambda: ["dump service 4.1", *unexplained(audit.sent)], name="audit")


@scenario
def unlogged_read(race: Race) -> None:
    """The dump is sent, then it is written down to whom."""
    two_readers(race, SendsFirst)


@scenario
def unlogged_read_fixed(race: Race) -> None:
    """Written down first."""
    two_readers(race, WritesFirst)
