"""Imported for the first time by a scenario: a lazy import is a path that is cold once in a process."""

VALUE = 1


def double(n: int) -> int:
    return 2 * n
