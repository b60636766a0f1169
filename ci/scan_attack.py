"""What a scan finds of what it was attacked with, before and now: the page docs/results/scan_attack.md.

scan_attack.py [--before COMMIT] [SECTION...]

Each section is a file of ``ci/bench/shared/attack``: it is listed in SECTIONS, and that is all. What is not asked for
stays on the page. With ``--before`` what is found is kept as what was found at that commit, whose package must be the
one that is imported (PYTHONPATH). Exits 1 where anything is CLEAN that should not be, or the other way round.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "bench"))
from shared import record
from shared.attack import adjacent, canary_notations, key_notations, packed
from shared.attack.cases import FOUND, Section

SECTIONS: tuple[Section, ...] = (canary_notations.SECTION, key_notations.SECTION, adjacent.SECTION, packed.SECTION)
"""In the order of the page."""
KEPT = record.RESULTS / "scan_attack.json"
TOLD = (FOUND, "INCOMPLETE")

Rows = dict[str, dict[str, dict[str, str]]]
"""Row -> carrier -> {before, now, near}."""


def main() -> int:
    """Run the sections that are named, or all, and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", default="")
    parser.add_argument("sections", nargs="*")
    given = parser.parse_args()
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    sections: dict[str, Rows] = kept.get("sections", {})
    commits: dict[str, str] = kept.get("before", {})
    for section in SECTIONS:
        if section.name in (given.sections or [each.name for each in SECTIONS]):
            rows = sections.get(section.name, {})
            sections[section.name] = _ran(section, rows, "before" if given.before else "now")
            if given.before:
                commits[section.name] = given.before
    text = "\n\n".join(_chapter(one, sections[one.name], commits) for one in SECTIONS if one.name in sections)
    record.save("scan_attack", "What a scan was attacked with", text, {"before": commits, "sections": sections})
    return 0 if given.before else _wrong(sections)


def _ran(section: Section, kept: Rows, when: str) -> Rows:
    rows: Rows = {}
    for name, carriers in section.cases().items():
        row = rows[name] = {}
        for carrier, case in carriers.items():
            cell = row[carrier] = dict(kept.get(name, {}).get(carrier, {}))
            cell[when] = case.outcome()
            near = case.near_miss() if when == "now" else None
            if near is not None:
                cell["near"] = near
        print(section.name, name, [cell[when] for cell in row.values()], file=sys.stderr, flush=True)
    return rows


def _chapter(section: Section, rows: Rows, commits: Mapping[str, str]) -> str:
    carriers = list(dict.fromkeys(carrier for row in rows.values() for carrier in row))
    cells = [cell for row in rows.values() for cell in row.values()]
    now, before = Counter(each.get("now", "-") for each in cells), Counter(each.get("before", "-") for each in cells)
    near = Counter(each["near"] for each in cells if "near" in each)
    table = record.table(
        ("what", *carriers), [(name, *(_shown(row.get(carrier)) for carrier in carriers)) for name, row in rows.items()]
    )
    return (
        f"## {section.title}\n\n{section.text}\n\n"
        f"{len(cells)} cases. Before{_at(commits.get(section.name))}: {_counted(before)}. Now: {_counted(now)}."
        f" Near misses now: {_counted(near)}.\n\n"
        f"A cell is *before / now*; one word where both are the same.\n\n{table}"
    )


def _at(commit: str | None) -> str:
    return f" ({commit})" if commit else ""


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.most_common()) or "none"


def _shown(cell: Mapping[str, str] | None) -> str:
    if cell is None:
        return "-"
    before, now = cell.get("before", "-"), cell.get("now", "-")
    return now if before == now else f"{before} / {now}"


def _wrong(sections: Mapping[str, Rows]) -> int:
    right = {section.name: section.near for section in SECTIONS}
    cells = [(name, cell) for name, rows in sections.items() for row in rows.values() for cell in row.values()]
    missed = [cell for _, cell in cells if cell.get("now", FOUND) not in TOLD]
    accused = [cell for name, cell in cells if "near" in cell and cell["near"] not in right[name]]
    return 1 if missed or accused else 0


if __name__ == "__main__":
    sys.exit(main())
