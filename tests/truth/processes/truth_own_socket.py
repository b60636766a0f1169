"""Line 5.3: what a program sends to a socket of its own never comes there, which is said."""

from __future__ import annotations

from truth import PASS, program

INCONCLUSIVE = frozenset({"INCONCLUSIVE"})

for _way, (_name, _expected) in enumerate(
    (
        ("tcp", INCONCLUSIVE),
        ("unix", INCONCLUSIVE),
        ("udp", INCONCLUSIVE),
        ("elsewhere", PASS),
        ("elsewhere_by_name", PASS),
    )
):
    program(
        "5.3",
        f"own_socket_{_name}",
        _expected,
        "A thread keeps a key when somebody reaches its socket: the program itself does, or another one.",
        file="own_socket.c",
        flags=(f"-DWAY={_way}",),
        says="a socket of its own" if _expected is INCONCLUSIVE else "",
        explored={"executions": 2_000},
    )
