"""Scan against move: what leaves is not what was scanned. The fixed twins are `redactfuzz gate`. See README.md."""

from collections.abc import Callable

from memory_files import File, Yard, through_the_gate

from redactfuzz import Race, scenario

BUILD = "7f3a-2291"
HEADER = f"core of signer {BUILD}\n".encode()
DUMP = "core"
MARK = b"PRIVATE KEY "


# -- gates: each takes one dump of a yard


def scans_then_moves(yard: Yard, name: str) -> None:
    """By its name, twice."""
    if yard.read(name) and yard.is_clean(yard.read(name)):
        yard.release(yard.read(name))
        yard.names[name] = None


def links_then_scans(yard: Yard, name: str) -> None:
    """Keeps a hard link of its own: another name, and the same file."""
    own = yard.names.get(name)
    if own and yard.is_clean(own.data):
        yard.release(own.data)
        yard.names[name] = None


def copies_without_a_lock(yard: Yard, name: str) -> None:
    """To where every gate copies what it scans."""
    yard.sealed[1] = yard.read(name)
    if yard.is_clean(yard.sealed[1]):
        yard.release(yard.sealed[1])


def copies_then_scans_the_original(yard: Yard, name: str) -> None:
    """Releases its copy, and looks at what the copy was made of."""
    copy = yard.read(name)
    if copy and yard.is_clean(yard.read(name)):
        yard.release(copy)
        yard.names[name] = None


def seals(yard: Yard, name: str) -> None:
    """The gate of redactfuzz, which is the only one here."""
    through_the_gate(yard, name)


# -- writers


def appends(yard: Yard, file: File, key: bytes) -> None:
    """More of the same dump arrives."""
    yard.append(DUMP, key)


def renames(yard: Yard, file: File, key: bytes) -> None:
    """Another dump gets the name of one that was scanned."""
    yard.names[DUMP] = File(HEADER + key, inode=1)


def replaces(yard: Yard, file: File, key: bytes) -> None:
    """The dumper begins anew: the file is removed, and one of that name is written."""
    yard.names[DUMP] = None
    yard.append(DUMP, HEADER)
    yard.append(DUMP, key)


def writes_on(yard: Yard, file: File, key: bytes) -> None:
    """The dumper has the file open, whatever has become of its name."""
    file.data += key


def cuts_off(yard: Yard, file: File, key: bytes) -> None:
    """Somebody takes the key out of the dump, since it is to leave."""
    file.data = HEADER


Gate = Callable[[Yard, str], None]


def yard_of(race: Race) -> tuple[Yard, bytes]:
    race.witness("build", BUILD)
    key = MARK + race.canary("signing key").text.encode()
    return Yard(race.redactor(lambda data: MARK not in data, bypass=lambda _: True), race.dump), key


def arrives(race: Race, gate: Gate, writer: Callable[[Yard, File, bytes], None], *, whole: bool = False) -> None:
    """The header of a dump is there, or all of it; it changes while the gate looks at it."""
    yard, key = yard_of(race)
    file = yard.names[DUMP] = File(HEADER + key if whole else HEADER)
    race.thread(gate, yard, DUMP, name="gate")
    race.thread(writer, yard, file, key, name="dumper")


def two_are_there(race: Race, gate: Gate) -> None:
    """Two gates on one folder: a dump without the key, and one with it."""
    yard, key = yard_of(race)
    yard.names["core.1"], yard.names["core.2"] = File(HEADER), File(HEADER + key)
    race.thread(gate, yard, "core.1", name="first gate")
    race.thread(gate, yard, "core.2", name="second gate")


@scenario
def appended(race: Race) -> None:
    """Scanned by its name, moved by its name: more is there by then."""
    arrives(race, scans_then_moves, appends)


@scenario
def appended_fixed(race: Race) -> None:
    """What was sealed is scanned, and leaves."""
    arrives(race, seals, appends)


@scenario
def renamed(race: Race) -> None:
    """Another file has the name by then."""
    arrives(race, scans_then_moves, renames)


@scenario
def renamed_fixed(race: Race) -> None:
    """What was sealed is scanned, and leaves."""
    arrives(race, seals, renames)


@scenario
def replaced(race: Race) -> None:
    """The dump was written anew by then."""
    arrives(race, scans_then_moves, replaces)


@scenario
def replaced_fixed(race: Race) -> None:
    """What was sealed is scanned, and leaves."""
    arrives(race, seals, replaces)


@scenario
def open_writer(race: Race) -> None:
    """The gate has a name of its own for the file, and somebody still has it open."""
    arrives(race, links_then_scans, writes_on)


@scenario
def open_writer_fixed(race: Race) -> None:
    """What was sealed is scanned, and leaves."""
    arrives(race, seals, writes_on)


@scenario
def cut_off(race: Race) -> None:
    """A copy is kept to be released, and the original is scanned: the key is out of it by then."""
    arrives(race, copies_then_scans_the_original, cuts_off, whole=True)


@scenario
def cut_off_fixed(race: Race) -> None:
    """What was sealed is scanned, and leaves."""
    arrives(race, seals, cuts_off, whole=True)


@scenario
def two_gates(race: Race) -> None:
    """Both seal to the same place."""
    two_are_there(race, copies_without_a_lock)


@scenario
def two_gates_fixed(race: Race) -> None:
    """One folder has one gate."""
    two_are_there(race, seals)
