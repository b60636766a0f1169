"""Line 5.4: a secret that comes from outside is allowed until it is read; a pipe of one's own is no dump."""

from truth import LEAK, NO_PROOF, PASS, program

from redactfuzz import token

ARGUMENT = {"canaries": {"secret": token()}, "args": ["secret"]}
VARIABLE = {"canaries": {"secret": token()}, "env": {"SECRET": "secret"}}
NAME = '-DNAME="secret"'
LIMITS = {"executions": 1500}

for how, flag, given in (
    ("argv", "-DBY_ARGV", ARGUMENT),
    ("getenv", "-DBY_GETENV", VARIABLE),
    ("environ", "-DBY_ENVIRON", VARIABLE),
):
    program(
        "5.4",
        f"given_{how}",
        PASS,
        f"a secret that is taken by {how} is wiped where it lay, in use meanwhile",
        file="given.c",
        levels=("-O0", "-O2"),
        flags=(flag, NAME),
        explored=LIMITS,
        **given,
    )
    program(
        "5.4",
        f"given_{how}_kept",
        LEAK,
        f"a secret that was read by {how} stays where it lay",
        file="given.c",
        levels=("-O0", "-O2"),
        flags=(flag, NAME, "-DKEPT", "-DPRINTED"),
        explored=LIMITS,
        **given,
    )
program(
    "5.4",
    "own_pipe",
    PASS,
    "a secret goes through a pipe from one thread to another, which wipes it",
    file="own_pipe.c",
    levels=("-O0", "-O1", "-O2"),
    crash="none",
)
program(
    "5.4",
    "own_pipe_to_file",
    LEAK,
    "the same, and what came out of the pipe is written to a file",
    file="own_pipe.c",
    flags=("-DTO_FILE",),
    crash="none",
)
program(
    "5.4",
    "pipe_to_a_child",
    PASS,
    "a secret goes into a pipe that a child of fork had as well, which has ended: nobody else reads it",
    file="own_pipe.c",
    flags=("-DTO_CHILD",),
    crash="none",
    explored={"executions": 500},
)
for name, expected, flags in (("wiped", PASS, ("-DWIPES",)), ("kept", LEAK, ())):
    program(
        "5.4",
        f"wipes_what_it_was_given_{name}",
        expected,
        f"a program wipes the bytes that redactfuzz_canary gave it as well as a copy, which is {name}",
        file="wipes_what_it_was_given.c",
        flags=flags,
        explored={"executions": 200},
    )
for name, expected, flags in (("kept", LEAK, ()), ("wiped", PASS, ("-DWIPED",))):
    program(
        "5.4",
        f"drawn_for_process_{name}",
        expected,
        "a program looks at the bytes that the kernel draws for each process",
        file="drawn_for_process.c",
        flags=flags,
        explored={"executions": 200},
    )
program(
    "2.4",
    "drawn_by_getrandom",
    NO_PROOF,
    "a program keeps a key where getrandom gives one number of 256: the one that is drawn here is another",
    file="drawn_for_process.c",
    flags=("-DRARE=77",),
    says="random numbers are drawn",
    explored={"executions": 20_000},
)
