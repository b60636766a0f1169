"""The ``redactfuzz`` command: the table of verbs, and the last line of defence against tracebacks of ours.

Nothing heavy is imported here: the first screen of ``--help`` must come at once.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import resource
import signal
import sys
import threading

import click

from redactfuzz.cli import hash_seed
from redactfuzz.cli.ending import AtOnce, ReaderGone, Terminated, end_with, status_of
from redactfuzz.model.machine import GONE, is_gone, lacking
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.texts.speakable import ERRORS

VERBS = {
    "run": ("redactfuzz.cli.run", "explore scenarios: .py files and folders of them"),
    "prove": ("redactfuzz.cli.proofs.prove", "until everything is explored: PROVED, or what stands in the way"),
    "fuzz": ("redactfuzz.cli.night.fuzz", "the nightly job: explore for hours, learn, and tell what is new"),
    "triage": ("redactfuzz.cli.night.triage", "list the findings of the nights, with whom to ask"),
    "report": ("redactfuzz.cli.night.report", "what came out of a night, as a page and for other programs"),
    "replay": ("redactfuzz.cli.replay", "run one finding again, exactly"),
    "confirm": ("redactfuzz.cli.confirm", "ask plain threads how often a finding happens by itself"),
    "check": ("redactfuzz.cli.proofs.check", "check the certificate of a proof"),
    "parts": ("redactfuzz.cli.proofs.parts", "join the parts of proofs that several machines went through"),
    "corpus": ("redactfuzz.cli.corpora.corpus", "merge, minimise and list what campaigns keep"),
    "plant": ("redactfuzz.cli.plant", "start any program with canaries where its secrets would be"),
    "scan": ("redactfuzz.cli.scan", "look for canaries and key material in dumps that exist"),
    "gate": ("redactfuzz.cli.gate.command", "let dumps leave that were scanned, byte for byte, and no others"),
    "changed": ("redactfuzz.cli.project.changed", "list the scenarios that a change of the code concerns"),
    "init": ("redactfuzz.cli.project.init", "write a first scenario and jobs of CI into a project"),
    "doctor": ("redactfuzz.cli.project.doctor", "say what this machine can do, and how to mend it"),
}
"""Verb -> module that holds a command of the same name, and what the help says of it."""


_HERE = {"run", "prove", "replay", "confirm", "changed"}
"""Verbs that import code, which asks where it is."""
_MOST = 4000
"""Characters of a message: a file of somebody else's may hold millions."""


class Verbs(click.Group):
    """A group that imports a verb when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported."""
        if cmd_name not in VERBS:
            return None
        if cmd_name in _HERE:  # before they import all that they need
            hash_seed.fix()
        return _imported(VERBS[cmd_name][0], cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """The verb. Raises ReaderGone where its output can no longer be written."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            gone = ReaderGone()
            end_with(gone, status_of(error))
            raise gone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What click would write, without importing the verbs."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


def _imported(module: str, verb: str) -> click.Command:
    """The verb. What it imports stays to the end: without the collector's looks at it a start takes a third less."""
    gc.disable()
    try:
        command: click.Command = getattr(importlib.import_module(module), verb)
    finally:
        gc.freeze()
        gc.enable()
    return command


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        click.echo(f"redactfuzz {metadata.version('redactfuzz')}")
        ctx.exit()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def cli(context: click.Context) -> None:
    """Is there any interleaving of my threads, and any moment of crashing, in which a secret reaches a dump?

    redactfuzz plants canary secrets, drives a redactor, threads and a crash under a scheduler that it controls,
    searches the dump that comes out, and explains the leak or certifies what was covered.

    \b
    Exit status: 0 PROVED or NO_LEAK_FOUND, 1 LEAK or BUG, 2 usage, 3 internal error, 4 ERROR in the scenario,
    5 VACUOUS or INCONCLUSIVE, 130 interrupted (143 by SIGTERM, 129 by SIGHUP); of several scenarios the first of 130,
    3, 1, 4, 5.
    """
    if context.invoked_subcommand in _HERE and is_gone():
        raise click.UsageError(f"{GONE}. Change to one that exists.")


def _terminated(number: int, _: object) -> None:
    raise Terminated(number)


def _streams() -> None:
    """Opens the null device in the place of a stream that was closed: a file that we open would get its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, open(number, mode, closefd=False, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that its encoding does not know is shown nevertheless
            stream.reconfigure(errors=ERRORS)


def _print_error(text: str) -> None:
    """On stderr, as long as that can be written: the exit status must not say something else because it cannot."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _silence(2)


def _silence(stream: int) -> None:
    """What is left of our output has nowhere to go, and the interpreter must not try."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def main() -> None:
    """Entry point. Ends the process with the exit status of design section 8."""
    _streams()
    with contextlib.suppress(OSError, ValueError):  # a core of ours would hold what a file of the user's does
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, _terminated)
    # Whoever started us may ignore it: then nobody could wait for a child.
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        shown, message = io.StringIO(), error.format_message()
        error.show(shown)
        # It holds what was given, or what a file holds: no line of its own, and not millions of them.
        # Without a verb click shows its help, which is ours and has lines.
        context = error.ctx if isinstance(error, click.UsageError) else None
        of_help = context is not None and message == context.get_help()
        text = shown.getvalue() if of_help else shown.getvalue().replace(message, escaped(message)[:_MOST])
        _print_error(escaped(text, keep="\n").removesuffix("\n"))
        status = status_of(error, error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        cause = error.__cause__ if isinstance(error, click.Abort) else error
        if not isinstance(cause, AtOnce):
            _print_error("interrupted")
        status = 128 + (cause.args[0] if isinstance(cause, Terminated) else signal.SIGINT)
        if threading.active_count() > 1:  # in C, for a minute it may be: nobody waits for them
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(status)
    except (BrokenPipeError, ReaderGone) as error:
        _silence(1)  # whoever read our output has gone (`| head`): nothing is left to say to them
        status = status_of(error)
    except Exception as error:  # whatever it is, its traceback goes to a file
        status = status_of(error)
        if why := lacking(error):
            _print_error(escaped(f"redactfuzz: {why}"))
            _silence(1)
        else:
            from redactfuzz.report.internal import report

            _print_error(escaped(report(error, "the command"), keep="\n"))
    sys.exit(status if isinstance(status, int) else 0)
