"""Which fixed twins among the programs the default profile proves, and what stands in the way of the others.

Whether their certificates are accepted by the second program, too; ``--verdicts`` leaves that out, and takes some five
minutes in place of some twenty. Prints a page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from redactfuzz import Report, Verdict, explore, native

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Proofs of the programs among the targets

By `ci/proofs.py`: each fixed twin with the default profile (`redactfuzz run`, 60 s). One that is PROVED is searched
once more for a certificate (`redactfuzz prove --proof`, at most 60 s), in which a dump is a step like others, and
`redactfuzz check` reads that (not with `--verdicts`).

| target | verdict | executions | seconds | in the way, or the certificate |
|---|---|---|---|---|
"""


def certificate(source: Path) -> str:
    """What the second program says of a certificate of the search; or that there is none within the time."""
    command = [sys.executable, "-m", "redactfuzz"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proof.gz"
        subprocess.run(
            [*command, "prove", source, "--seconds", "60", "--proof", file],
            cwd=folder,
            check=False,
            capture_output=True,
            timeout=600,
        )
        if not file.exists():
            return "no certificate within 60 s"
        checked = subprocess.run(
            [*command, "check", file], cwd=folder, check=False, capture_output=True, text=True, timeout=600
        )
    said = checked.stdout.strip().splitlines()
    return f"{'accepted' if checked.returncode == 0 else 'rejected'}: {said[0].partition(': ')[2] if said else ''}"


def row(source: Path) -> tuple[Report, str]:
    """The report of the default profile, and what there is to say of it."""
    report = explore(native.scenario(source), seed=0)
    if report.verdict is Verdict.PROVED:
        return report, "" if "--verdicts" in sys.argv else certificate(source)
    obstacles = report.certificate.obstacles if report.certificate else ()
    said = "; ".join(obstacles) or str(report.reason.what if report.reason else "")
    return report, said.replace(f"{ROOT}/", "")


def main() -> None:
    """Runs all of them, and prints a row for each."""
    rows, proved = [], 0
    print(HEAD, end="", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for target in sorted((ROOT / "targets" / "native").iterdir()):
            source = next(iter(target.glob("fixed.c*")), None)
            if source is None:
                continue
            report, said = row(source)
            proved += report.verdict is Verdict.PROVED
            rows.append(
                f"| `{target.name}` | {report.verdict} | {report.executions:,} | {report.seconds:.0f} | {said} |"
            )
            print(rows[-1], flush=True)
    print(f"\nPROVED: {proved} of {len(rows)}.")


if __name__ == "__main__":
    main()
