"""The text of docs/results/scan_libraries.md, made of the rows that scan_libraries.py has gathered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from shared import record

Row = Mapping[str, Any]
KINDS = {"rsa": "RSA-2048", "p256": "P-256", "ed25519": "Ed25519", "aes": "AES-256"}
COLUMNS = {"unasked": "unasked", "harvested": "unasked, its public half in memory", "asked": "with `--public-key`"}
NOT_FOUND = ("**CLEAN**", "**not found**", "INCOMPLETE")
ABOUT = """
Each library makes a key itself and uses it once, in a process of a program in its own language (`ci/cores/programs`),
which then waits. One process is ended by SIGABRT and **the kernel writes its core**; this is scanned *unasked* and
*with `--public-key`*. The public half is written to a file as numbers in hexadecimal, so that no certificate is in
memory by our doing. A second process, with another key, is given its own SubjectPublicKeyInfo in DER to hold, as a
server holds its certificate, and aborted; it is scanned (*its public half in memory*) with the public key of the
first, of which nothing may be found (*twin*). All cores that are scanned are the kernel's. A third process is copied by
**gcore**, since it has to go on: after that it says its private half, which is looked up in the copy in every
form that we know of (*where it is*).

AES has no public half. A schedule that is found counts where it encrypts a block of zeros into what the program says.
A last pair of processes has no key. What is found in the first is nobody's; the second is given a P-256 key as PEM to
hold, which must be found (*PEM*). *Others* are what is found in the kernel's cores of its keys and is none of them:
states of the library's own random generator (schedules for decryption, which follow from the AES key, are left out).
`x 3` means three places; no word before a finding means severity total. In **bold**: not found. Seconds are of the
whole command, but for the start of Python.
"""


def text(rows: Mapping[str, Row]) -> str:
    """All of the page but its title."""
    here = {name: row for name, row in rows.items() if "missing" not in row}
    parts = [ABOUT, _counted(here), "## Each key\n", _keys(here), "## Controls\n", _controls(here), *_silent(here)]
    missing = [f"- {name}: {row['missing']}" for name, row in rows.items() if "missing" in row]
    missing += [f"- {name}: {row['untried']}" for name, row in here.items() if "untried" in row]
    parts += ["## Not on this machine, or not tried\n", "\n".join(missing) or "None."]
    return "\n\n".join(part.strip() for part in parts)


def found(cell: str) -> bool:
    """Whether a cell says that a part of the key was found from which the whole key follows."""
    return any(not one.startswith(("low: ", *NOT_FOUND)) for one in cell.split("; "))


def _cells(here: Mapping[str, Row]) -> Iterator[tuple[str, str, Row]]:
    for name, row in here.items():
        for kind, key in row["keys"].items():
            yield name, kind, key


def _counted(here: Mapping[str, Row]) -> str:
    lines = []
    for kind, title in KINDS.items():
        keys = [key for _, which, key in _cells(here) if which == kind]
        counts = [
            f"{label} {sum(found(key[column]) for key in keys)}"
            for column, label in COLUMNS.items()
            if keys and keys[0][column] is not None
        ]
        lines.append(f"- {title}, of {len(keys)}: found {', '.join(counts)}.")
    accused = sum(key["accused"] for _, _, key in _cells(here))
    lines.append(f"- Twins that are accused of the other's key: {accused} of {len(list(_cells(here)))}.")
    lines.append(f"- PEM in memory found: {sum(row['control']['found'] for row in here.values())} of {len(here)}.")
    return f"{len(here)} libraries and languages.\n\n" + "\n".join(lines)


def _keys(here: Mapping[str, Row]) -> str:
    head = ("library", "key", *COLUMNS.values(), "where it is", "twin", "core, MB", "seconds unasked", "seconds asked")
    table = [
        (
            f"{name} {here[name]['version']}",
            KINDS[kind],
            *(key[column] for column in COLUMNS),
            _where(key["memory"]),
            "ACCUSED" if key["accused"] else "nothing",
            key["size"] / 1e6,
            key["seconds"],
            key["asked seconds"],
        )
        for name, kind, key in _cells(here)
    ]
    return record.table(head, table)


def _where(memory: Mapping[str, Mapping[str, int]]) -> str:
    by_form: dict[str, Counter[str]] = {}
    for number, forms in memory.items():
        for form, count in forms.items():
            by_form.setdefault(form, Counter())[number] += count
    shown = [
        ", ".join(f"{number} x {count}" if count > 1 else number for number, count in numbers.items()) + f" as {form}"
        for form, numbers in by_form.items()
    ]
    return "; ".join(shown) or "in no form that was looked up"


def _controls(here: Mapping[str, Row]) -> str:
    rows = [
        (
            name,
            row["control"]["verdict"],
            _others(row["control"]["others"]),
            _others(
                [what for key in row["keys"].values() for what in key.get("others", ()) if "for decryption" not in what]
            ),
            row["control"]["pem"],
        )
        for name, row in here.items()
    ]
    return record.table(("library", "without a key", "found there", "others, with a key", "PEM"), rows)


def _others(others: list[str]) -> str:
    return "; ".join(f"{what} x {count}" if count > 1 else what for what, count in Counter(others).items()) or "nothing"


def _silent(here: Mapping[str, Row]) -> Iterator[str]:
    """Every key that is certainly in a core and was not found, by how it was looked for."""
    yield "## There, and not found\n"
    yield WHY.strip()
    for column, label in COLUMNS.items():
        lines = [
            f"- {name}, {KINDS[kind]}: {_where(key['memory'])}."
            for name, kind, key in _cells(here)
            if key[column] is not None and key["memory"] and not found(key[column])
        ]
        yield f"### {label[0].upper()}{label[1:]}\n\n" + ("\n".join(lines) or "None.")


WHY = """
Read *where it is* as that of another process of the same program: two runs of it do the same.

**Unasked** no RSA number and no scalar is found, in any library: they are random numbers among others, and without
the public half in a form that a reader knows (certificate, SubjectPublicKeyInfo, OpenSSH) nothing says which. CLEAN
then promises no more than that no *written* key is there, and no schedule. A scan that is to say more is to be given
the public keys. What is not found in the other two ways is in memory in a form, or at an offset, that is not searched.

What a small and general change of a detector would find of these:

- *RSA unasked.* Each library keeps n beside p and q, as limbs of the same kind. Of the first words of what looks
  random and is as long as a prime, two multiply to the first word of a run that is as long as a modulus, modulo 2^64:
  a table of products of a few thousand words, then one division each.
- *Ed25519 unasked.* Libsodium, PyNaCl and Go keep the seed and, right behind it, the public key: one multiplication for
  each pair of 32 bytes that look random.
- *P-256 unasked.* The public point lies near its scalar as two numbers, which satisfy the equation of the curve: a test
  that costs a few multiplications, and makes a public key of each pair that passes.
- *Digits of 60 bits.* LibTomMath, of Perl's CryptX, keeps numbers as 60-bit digits in 64-bit words, which is no radix
  that is searched, of primes or scalars, even with `--public-key`: one more line in the table of digits.
- *Offsets.* Libgcrypt's S-expressions put numbers at any offset, and in ELF files byte forms of scalars are looked for
  at multiples of 4 alone: each key is found by luck. When a key is given, small islands could be searched at each.
- *python-rsa.* With `--public-key` primes of unequal size are found in CPython's digits; of a public key in the dump
  they are not looked for.
- *Generators.* The AES-256 schedule of Mbed TLS's CTR_DRBG and the ChaCha20 states of the generators of GnuTLS and
  CryptX are named as keys like any other; OpenSSL's schedules are known as a generator's, and low.
"""
