"""Which fixed twins among the programs the default profile proves, and what stands in the way of the others.

Whether their certificates are accepted by the second program, too; ``--verdicts`` leaves that out, and takes some five
minutes in place of an hour. Prints a page, or the rows of the targets that are named.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from redactfuzz import Report, Verdict, explore, native

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Proofs of the programs among the targets

By `ci/proofs.py`: each fixed twin with the default profile (`redactfuzz run`, 60 s). One that is PROVED is searched
once more for a certificate (`redactfuzz prove --proof`, at most `--prove-seconds`), in which a dump is a step like
others, and `redactfuzz check` reads that (not with `--verdicts`): what is explored in a minute takes it many, and where
it did not come to the end in time that is said.

| target | verdict | executions | seconds | in the way, or the certificate |
|---|---|---|---|---|
"""


def certificate(source: Path, seconds: float, most: int) -> str:
    """What the second program says of a certificate of the search; or that there is none within the time.

    ``seconds``: those that it has to read it. ``most``: those of the search.
    """
    command = [sys.executable, "-m", "redactfuzz"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proof.gz"
        subprocess.run(
            [*command, "prove", source, "--seconds", str(most), "--proof", file],
            cwd=folder,
            check=False,
            capture_output=True,
            timeout=10 * most,
        )
        if not file.exists():
            return f"no certificate within {most} s"
        try:
            checked = subprocess.run(
                [*command, "check", file], cwd=folder, check=False, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return f"written, {file.stat().st_size / 1e6:.0f} MB; not read to its end within {seconds:.0f} s"
    said = checked.stdout.strip().splitlines()
    return f"{'accepted' if checked.returncode == 0 else 'rejected'}: {said[0].partition(': ')[2] if said else ''}"


def row(source: Path, seconds: float | None, most: int) -> tuple[Report, str]:
    """The report of the default profile, and what there is to say of it. ``seconds``: None for no certificate."""
    report = explore(native.scenario(source), seed=0)
    if report.verdict is Verdict.PROVED:
        return report, "" if seconds is None else certificate(source, seconds, most)
    obstacles = report.certificate.obstacles if report.certificate else ()
    said = "; ".join(obstacles) or str(report.reason.what if report.reason else "")
    return report, said.replace(f"{ROOT}/", "")


def main() -> None:
    """Runs all of them, and prints a row for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("targets", nargs="*")
    options.add_argument("--verdicts", action="store_true")
    options.add_argument("--check-seconds", type=float, default=1_200.0)
    options.add_argument("--prove-seconds", type=int, default=60)
    asked = options.parse_args()
    rows, proved = [], 0
    if not asked.targets:
        print(HEAD, end="", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for target in sorted((ROOT / "targets" / "native").iterdir()):
            source = next(iter(target.glob("fixed.c*")), None)
            if source is None or (asked.targets and target.name not in asked.targets):
                continue
            report, said = row(source, None if asked.verdicts else asked.check_seconds, asked.prove_seconds)
            proved += report.verdict is Verdict.PROVED
            rows.append(
                f"| `{target.name}` | {report.verdict} | {report.executions:,} | {report.seconds:.0f} | {said} |"
            )
            print(rows[-1], flush=True)
    print(f"\nPROVED: {proved} of {len(rows)}.")


if __name__ == "__main__":
    main()
