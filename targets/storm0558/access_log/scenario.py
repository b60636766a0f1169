"""A dump that was read, and no record of it: see README.md. Inspired by an account that was later corrected."""

from desk import Desk, SendsFirst, WritesFirst

from redactfuzz import Race, scenario


class Audit:
    """What left the building, and what the log says of it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.records: dict[str, str] = {}

    def write(self, who: str, name: str) -> None:
        self.records[name] = who

    def unexplained(self, sent: list[tuple[str, str]]) -> list[str]:
        """Dumps that somebody has, and of which no record says so."""
        return [data for name, data in sent if name not in self.records]


def two_readers(race: Race, desk: type[Desk]) -> None:
    """Two engineers each fetch a dump, and the service dies at any moment. What nobody can account for is the leak."""
    race.witness("service", "dump service 4.1")
    audit = Audit()
    unexplained = race.redactor(audit.unexplained, bypass=lambda sent: [data for _, data in sent])
    service = desk(audit.write)

    def fetch(who: str, name: str, dump: str) -> None:
        service.hand_out(who, name, dump.encode(), lambda data: audit.sent.append((name, data.decode())))

    for who in ("Alice", "Bob"):
        race.thread(fetch, who, f"dump of {who}", race.canary(f"dump of {who}").text, name=who)
    race.crash(lambda: ["dump service 4.1", *unexplained(audit.sent)], name="audit")


@scenario
def unlogged_read(race: Race) -> None:
    """The dump is sent, then it is written down to whom."""
    two_readers(race, SendsFirst)


@scenario
def unlogged_read_fixed(race: Race) -> None:
    """Written down first."""
    two_readers(race, WritesFirst)
