"""Two threads register secrets with a library's masker; one overwrites the other's compiled matcher.

The redactor is named by its dotted path, because only the library itself calls it.
"""

import sys
from pathlib import Path

from redactfuzz import Race, scenario

sys.path.insert(0, str(Path(__file__).parent))

from tinymask import LockedMasker, Masker

BUILD = "7f3a-2291"


def stage(race: Race, kind: type[Masker]) -> None:
    """Two tasks load a credential each, then a crash."""
    race.witness("build id", BUILD)
    race.redactor("tinymask:Masker.mask")
    masker = kind()
    environment = [f"build={BUILD}"]

    def load(name: str, value: str) -> None:
        masker.add_mask(value)
        environment.append(f"{name}={value}")

    race.thread(load, "database", race.canary("database").text, name="database")
    race.thread(load, "bucket", race.canary("bucket").text, name="bucket")
    race.crash(lambda: masker.render(environment))


@scenario
def vulnerable(race: Race) -> None:
    """Leaks for good once a registration was lost."""
    stage(race, Masker)


@scenario
def fixed(race: Race) -> None:
    """Never leaks."""
    stage(race, LockedMasker)
