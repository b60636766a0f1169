"""Source whose call sites are named the same on every interpreter: see test_site_names.py."""

import contextlib
import functools


def twice(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args), function(*args)

    return call


@twice
def decorated(value):
    return str(value).strip().upper()


class Ring:
    def __init__(self, keys):
        self.keys = dict(keys)

    def rotate(self, name, *, wipe=None):
        old = self.keys.pop(name, None)
        if old is not None and wipe:
            wipe(old)
        return [len(key) for key in self.keys.values()], {k: hash(v) for k, v in sorted(self.keys.items())}

    @property
    def names(self):
        return tuple(
            name.upper()
            for name in self.keys
        )


def uses(lock, ring):
    with lock:
        ring.rotate("a",
                    wipe=print)
    with contextlib.suppress(KeyError), lock:
        ring.rotate(*["b"], **{"wipe": None})  # noqa: PIE804
    try:
        decorated(f"{ring.names!r} {len(ring.keys)}")
    finally:
        ring.__init__({})

    def nested():
        return (lambda key: key.strip())("  ")

    return nested()
