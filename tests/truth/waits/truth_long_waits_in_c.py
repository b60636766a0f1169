"""Issue 41, item 1, in C: a wait or a sleep of 300 s may end while another thread could go on."""

from truth import LEAK, PASS, program

for name, flag, what in (
    ("a_wait_of_300_s", "-DSLEEPS=0", "it waits 300 s for what another thread brings, and then gives up"),
    ("a_sleep_of_300_s", "-DSLEEPS=1", "it sleeps for 300 s, and another thread is in the midst of something"),
):
    for expected, masked in ((LEAK, 0), (PASS, 1)):
        program(
            "41.1",
            f"{name}{'_and_a_mask' if masked else ''}",
            expected,
            f"{what}; the key is written {'masked' if masked else 'as it is'}",
            file="long_waits_beside.c",
            flags=(flag, f"-DMASKED={masked}"),
            explored={"executions": 300},
            crash="none",
        )
