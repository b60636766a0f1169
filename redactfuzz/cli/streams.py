"""Keeps our output apart from what scenarios print: that may hold canaries, and would end up between lines of JSON."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO

import click

from redactfuzz.cli.ending import AtOnce
from redactfuzz.model.texts.speakable import ERRORS
from redactfuzz.threads.process.duplicates import originals


@contextlib.contextmanager
def apart(*, show: bool) -> Iterator[tuple[TextIO, TextIO]]:
    """Gives (out, err) for our own output, and lets what scenarios print go to stderr or, without ``show``, nowhere.

    File descriptors 1 and 2 are redirected, so that forked children and C code are caught as well.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.ExitStack() as stack:
        out_fd, err_fd = os.dup(1), os.dup(2)
        stack.callback(os.close, out_fd)
        stack.callback(os.close, err_fd)
        added = {out_fd, err_fd} - originals
        originals.update(added)
        stack.callback(originals.difference_update, added)
        out = stack.enter_context(_text(out_fd))
        err = _text(err_fd)
        stack.callback(_closed, err)
        null = os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, null)
        stack.callback(_restore, out_fd, err_fd)
        os.dup2(err_fd if show else null, 1)
        os.dup2(err_fd if show else null, 2)
        try:
            yield out, err
        except AtOnce:
            for fd in (out_fd, err_fd):  # what is held back has nowhere to go: whoever reads it may read no more
                os.dup2(null, fd)
            raise


def told(text: str) -> None:
    """On stderr, for whoever looks on: where that cannot be written any more, what is done goes on without it."""
    try:
        click.echo(text, err=True)
    except (OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)  # nor is the interpreter to try it at its end
        os.close(null)


def _text(fd: int) -> TextIO:
    encoding = sys.stdout.encoding or "utf-8"
    return open(fd, "w", encoding=encoding, errors=ERRORS, closefd=False, buffering=1)


def _closed(err: TextIO) -> None:
    """What it could not write is only progress: the exit status says what was found."""
    with contextlib.suppress(OSError):
        err.close()


def _restore(out_fd: int, err_fd: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os.dup2(out_fd, 1)
    os.dup2(err_fd, 2)
