"""Line 5.2: waiting for the outside is no deadlock."""

from truth import BUG, LEAK, PASS, program

WAYS = {
    "PAUSE": "pause in a loop",
    "SIGWAIT": "sigwait in a loop",
    "SIGSUSPEND": "sigsuspend in a loop",
    "ACCEPT": "accept on a socket at which it listens",
    "POLL": "poll",
    "PPOLL": "ppoll",
    "SELECT": "select",
    "EPOLL": "epoll_wait",
    "DATAGRAM": "recvfrom",
    "SEMAPHORE": "a semaphore that the handler of SIGTERM posts",
    "SELF_PIPE": "a pipe that the handler of SIGTERM writes to",
    "SLEEP": "sleep in a loop",
}
ENDS = {
    "CANCELLED": "a thread that waits in pause is cancelled and joined",
    "PAIR": "two threads talk over a socketpair",
    "EVENT": "two threads talk over an eventfd",
}

program(
    "5.2",
    "idle_yields",
    PASS,
    "a daemon that wiped its key waits: it yields until the handler of SIGTERM has set a flag",
    file="idle.c",
    flags=("-DWAY=YIELDS",),
    explored={"executions": 100},
)
program(
    "5.2",
    "idle_forgotten",
    BUG,
    "it looks at a flag that nobody sets, and no handler is there",
    file="idle.c",
    flags=("-DWAY=LOOKS", "-DFORGOTTEN"),
    explored={"executions": 30},
    says="does not come to an end",
)
for way, what in WAYS.items():
    name = f"idle_{way.lower()}"
    flags = (f"-DWAY={way}",)
    limits = {"executions": 1500}
    program(
        "5.2", name, PASS, f"a daemon that wiped its key waits: {what}", file="idle.c", flags=flags, explored=limits
    )
for way in ("PAUSE", "ACCEPT", "SLEEP"):
    program(
        "5.2",
        f"idle_{way.lower()}_kept",
        LEAK,
        f"a daemon that kept its key waits ({WAYS[way]}), and is struck there",
        file="idle.c",
        levels=("-O0", "-O2"),
        flags=(f"-DWAY={way}", "-DKEPT"),
        explored={"executions": 1500},
    )
for way, what in ENDS.items():
    program(
        "5.2", f"idle_{way.lower()}", PASS, what, file="idle.c", flags=(f"-DWAY={way}",), explored={"executions": 1500}
    )
program(
    "5.2",
    "idle_locked",
    BUG,
    "beside a thread that waits in pause two others wait for each other's lock: that is a deadlock",
    file="idle.c",
    flags=("-DWAY=LOCKED",),
    explored={"executions": 1500},
    says="deadlock",
)
