"""Lines 5.3 and 7.1: what is refused, here or by the kernel, is told as it is, and no number of the program with it."""

from __future__ import annotations

from truth import LEAK, PASS, WITHHELD, program

_UNTOLD = frozenset({"INCONCLUSIVE"})

_NOT_AS_MANY = "256 mappings that are shared"

for _name, _flags, _expected, _says, _what in (
    ("core_of_less_than_a_page", ("-DLIMIT=1000",), PASS, "", "The kernel writes no core of at most 1,000 bytes."),
    ("core_of_4095_bytes", ("-DLIMIT=4095",), PASS, "", "Nor one of at most 4,095."),
    ("core_of_a_page", ("-DLIMIT=4096",), _UNTOLD, "RLIMIT_CORE", "It writes the beginning of one of at most 4,096."),
    ("core_of_a_mebibyte", ("-DLIMIT=1048576",), _UNTOLD, "RLIMIT_CORE", "Perhaps all of one of at most 1 MiB."),
    ("core_of_a_page_right", ("-DLIMIT=4096", "-DRIGHT"), PASS, "", "In no part of it there is a key."),
    ("core_of_a_gibibyte", ("-DLIMIT=1073741824",), LEAK, "", "It writes one of at most 1 GiB."),
    ("pages_in_turn", ("-DPAGES=700",), PASS, "", "700 shared pages, each given back before the next."),
    ("pages_at_once", ("-DPAGES=700", "-DSTAY"), WITHHELD, _NOT_AS_MANY, "700 shared pages at the same time."),
):
    program(
        "5.3",
        _name,
        _expected,
        _what,
        file="limits_of_memory.c",
        flags=_flags,
        says=_says,
        explored={"executions": 300},
    )

for _name, _says in (("CALL", "a system call by number"), ("OPTION", "prctl with an option")):
    program(
        "7.1",
        f"number_of_the_key_{_name.lower()}",
        WITHHELD if _name == "CALL" else PASS,
        "Eight bytes of the key are the number of what is asked of the kernel: the report does not show it.",
        file="told_by_number.c",
        flags=(f"-D{_name}",),
        says=_says,
        explored={"executions": 60},
    )
