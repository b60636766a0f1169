"""What a file system keeps beside the bytes of a file: extended attributes, which copies and archives take along."""

from __future__ import annotations

import os
from collections.abc import Iterator

from redactfuzz.dumps.readers.image import Image

_OURS = "user."
"""Others are the kernel's: labels, capabilities, access lists (xattr(7))."""


def has_attributes(descriptor: int) -> bool:
    """Whether somebody gave an open file attributes of their own."""
    return any(True for _ in _names(descriptor))


def attributes(image: Image, descriptor: int) -> Iterator[Image]:
    """Each attribute of the file of an image as ``name=value``, since its name may be the secret as well."""
    for name in _names(descriptor):
        try:
            value = os.getxattr(descriptor, name)
        except OSError:  # it is gone again
            continue
        yield Image(f"{image.name}!attribute {name}", os.fsencode(name) + b"=" + value)


def _names(descriptor: int) -> Iterator[str]:
    """None where the file system has no such thing."""
    try:
        names = os.listxattr(descriptor)
    except OSError:
        return
    yield from (name for name in names if name.startswith(_OURS))
