"""``redactfuzz gate``: a gate for dumps, a pipe by which cores come to it, and a look at its receipts.

What they need is imported when it is known which: the kernel keeps a process that crashed until its core is read.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import attrs
import click

from redactfuzz.cli.options import file_once, size_of

_FILE = click.Path(path_type=Path)
_SEVERITIES = ("total", "high", "medium", "low")


@attrs.frozen
class Asked:
    """The options, by their names."""

    source: Path | None
    released: Path | None
    quarantined: Path | None
    own: Path | None
    log: Path | None
    canaries: Path | None
    jwks: tuple[str, ...]
    public_key: tuple[str, ...]
    no_marker: bool
    fail_on: str | None
    allow: Path | None
    watch: bool
    json_lines: bool
    metrics: Path | None
    sign_with: Path | None
    max_size: int
    max_unpacked: int
    max_seconds: float | None
    settle: float
    patience: float
    every: float
    words: tuple[str, ...]


@click.command()
@click.argument("words", nargs=-1, metavar="[-- WORD...]")
@click.option("--from", "source", type=_FILE, metavar="DIR", help="Where dumps arrive.")
@click.option("--to", "released", type=_FILE, metavar="DIR", help="Where those go that may leave, with a receipt.")
@click.option("--quarantine", "quarantined", type=_FILE, metavar="DIR", help="Where all others go.")
@click.option("--log", type=_FILE, metavar="FILE", help="Each step as a line of JSON is added to it.")
@click.option("--once", is_flag=True, help="Take what is there, and end. The default.")
@click.option("--watch", is_flag=True, help="Go on until a signal ends it.")
@click.option("--core-pipe", is_flag=True, help="Put a core from standard input into --from; WORDs name it.")
@click.option("--verify", type=(_FILE, _FILE), metavar="RECEIPT DUMP", help="Is this a receipt of this dump?")
@click.option("--receipt-key", type=_FILE, metavar="FILE", help="The public key of receipts, for --verify.")
@file_once("--canaries", "Look for these canaries: a registry or .rfz.json.")
@click.option("--jwks", multiple=True, metavar="FILE", help="Look for the private half of these keys. No URL.")
@click.option("--public-key", multiple=True, metavar="FILE", help="The same; PEM, DER or certificate.")
@click.option("--no-marker", is_flag=True, help="A dump of this kind, as a log, cannot hold the registry's marker.")
@click.option("--fail-on", type=click.Choice(_SEVERITIES), help="How bad what fails is; as of `scan`.")
@file_once("--allow", "What fails nothing for a while; as of `scan`.")
@click.option("--json", "json_lines", is_flag=True, help="The lines of the log on stdout as well.")
@click.option("--metrics", type=_FILE, metavar="FILE", help="Counts for Prometheus, as a text file.")
@click.option(
    "--state", "own", type=_FILE, metavar="DIR", help="The gate's own folder. Default: .gate in --quarantine."
)
@click.option("--sign-with", type=_FILE, metavar="FILE", help="Ed25519 key in PEM. Default: one is made in --state.")
@click.option("--max-size", default="64G", callback=size_of, metavar="SIZE", help="Of a dump. Default: 64G.")
@click.option("--max-unpacked", default="32G", callback=size_of, metavar="SIZE", help="Unpack no more. Default: 32G.")
@click.option("--max-seconds", type=click.FloatRange(1), help="Of a scan. Default: 600, and 1 for each MiB of a dump.")
@click.option(
    "--settle", default=30.0, type=click.FloatRange(0, 3600), help="Seconds unchanged, where no writer can be seen."
)
@click.option("--patience", default=300.0, type=click.FloatRange(0, 86400), help="Seconds a writer is waited for.")
@click.option("--every", default=1.0, type=click.FloatRange(0.01, 3600), help="Seconds between two looks of --watch.")
def gate(
    once: bool,
    core_pipe: bool,
    verify: tuple[Path, Path] | None,
    receipt_key: Path | None,
    **options: Any,
) -> int:
    """Let dumps leave a place that keeps secrets: those that were scanned wholly and hold none, byte for byte.

    A dump in --from is sealed (copied to where nobody else reaches it), scanned, and what was sealed is put into --to,
    with a signed receipt, or into --quarantine. A dump that was not read wholly is never released. The original is
    removed afterwards, if it is still what was sealed. Whatever ends the gate, the next one goes on where it was.

    \b
    Exit status: 0 all that was there was released; 1 something was found in a dump; 5 a dump was not read wholly, or
    could not be taken, or a core was cut; 2 usage, or another gate has a folder; 143 --watch was ended by SIGTERM.
    --verify: 0 it is a receipt of this dump, which was released; 1 it is not.
    """
    modes = [name for name, wanted in (("--once", once), ("--watch", options["watch"]), ("--core-pipe", core_pipe),
                                       ("--verify", verify is not None)) if wanted]  # fmt: skip
    if len(modes) > 1:
        raise click.UsageError(f"{' and '.join(modes)}: choose one.")
    asked = Asked(**options)
    if asked.words and not core_pipe:
        raise click.UsageError(f"{asked.words[0]}: only --core-pipe takes words. Dumps are taken from --from.")
    if verify is not None:
        return _run("verifying", *verify, receipt_key)
    return _run("receiving" if core_pipe else "service", asked)


def _run(module: str, *arguments: Any) -> int:
    try:
        run = importlib.import_module(f"redactfuzz.cli.gate.{module}").run
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "cryptography":
            raise
        raise click.UsageError(
            "a gate signs receipts, by a library that is not here: pip install 'redactfuzz[gate]'"
        ) from None
    status: int = run(*arguments)
    return status
