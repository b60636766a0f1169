"""Programs for tests of campaigns: the smallest that show what they are for."""

from __future__ import annotations

import subprocess
from pathlib import Path

HEAD = """#include <assert.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
"""

_MAIN = """
int main(void)
{
    struct sigaction action = {.sa_handler = on_crash};
    pthread_t thread;
    sigaction(SIGSEGV, &action, NULL);
    pthread_create(&thread, NULL, rotate, NULL);
    pthread_join(thread, NULL);
    return 0;
}
"""

_CORE = """
static unsigned char key[32];
REDACTFUZZ_REDACTOR static void wipe(void) { memset(key, 0, sizeof key); }
static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}
"""
"""The handler wipes what it knows of, and the kernel writes a core."""

LEAKY = (
    HEAD
    + _CORE
    + """
static void *rotate(void *unused)
{
    unsigned char copy[32]; /* the handler knows nothing of it */
    memcpy(copy, redactfuzz_canary("signing key", sizeof copy), sizeof copy);
    explicit_bzero(copy, sizeof copy);
    return unused;
}
"""
    + _MAIN
)
"""Leaks while ``copy`` is there."""

ELIDED = (
    HEAD
    + _CORE
    + """
static int used;
static void *rotate(void *unused)
{
    redactfuzz_allow("signing key");
    unsigned char *copy = malloc(32);
    const volatile unsigned char *given = redactfuzz_canary("signing key", 32);
    for (int i = 0; i < 32; i++) copy[i] = given[i]; /* byte by byte: nothing stays in a vector register */
    for (int i = 0; i < 32; i++) used += copy[i];
    memset(copy, 0, 32);
    free(copy);
    wipe();
    redactfuzz_forbid("signing key");
    return unused;
}
"""
    + _MAIN
)
"""Leaks where the compiler sees that nobody reads ``copy`` after its wipe."""

FIXED = (
    HEAD
    + """
#include <fcntl.h>
#include <sys/prctl.h>
static unsigned char key[32];
REDACTFUZZ_REDACTOR static void wipe(unsigned char *report) { memset(report, 0, 32); }
static void on_crash(int number)
{
    unsigned char report[32];
    (void)number;
    memcpy(report, key, sizeof report);
    wipe(report);
    int file = open("report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (write(file, report, sizeof report) == 32) close(file);
    _exit(1);
}
static void *rotate(void *unused)
{
    memcpy(key, redactfuzz_canary("signing key", sizeof key), sizeof key);
    return unused;
}
"""
    + _MAIN.replace("    pthread_t thread;\n", "    pthread_t thread;\n    prctl(PR_SET_DUMPABLE, 0);\n")
)
"""The handler writes a report of its own, and redacts that; there is no core."""

ASSERTS = (
    HEAD
    + """
static int counted;
static void *count(void *unused)
{
    int seen = counted;
    counted = seen + 1;
    return unused;
}
int main(void)
{
    pthread_t one, two;
    pthread_create(&one, NULL, count, NULL);
    pthread_create(&two, NULL, count, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    assert(counted == 2);
    return 0;
}
"""
)

SAFE = ASSERTS.replace("int seen = counted;\n    counted = seen + 1;", "__atomic_fetch_add(&counted, 1, 5);")

DEADLOCK = (
    HEAD
    + """
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static void *forth(void *unused)
{
    pthread_mutex_lock(&first);
    pthread_mutex_lock(&second);
    pthread_mutex_unlock(&second);
    pthread_mutex_unlock(&first);
    return unused;
}
static void *back(void *unused)
{
    pthread_mutex_lock(&second);
    pthread_mutex_lock(&first);
    pthread_mutex_unlock(&first);
    pthread_mutex_unlock(&second);
    return unused;
}
int main(void)
{
    pthread_t one, two;
    pthread_create(&one, NULL, forth, NULL);
    pthread_create(&two, NULL, back, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
"""
)

GIVEN = (
    HEAD
    + """
#include <stdio.h>
#include <fcntl.h>
int main(int count, char **words)
{
    const char *key = getenv("KEY");
    int file = open("report.txt", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (key && count > 1 && strcmp(words[1], "--verbose") == 0)
        write(file, key, strlen(key));
    else
        write(file, "nothing", 7);
    close(file);
    return 0;
}
"""
)
"""Writes its secret into a file when it is told to be verbose."""


def written(folder: Path, text: str, name: str = "prog.c") -> Path:
    """A source file of that text."""
    path = folder / name
    path.write_text(text)
    return path


_STAND_IN = """
#include <stddef.h>
void *model_malloc(size_t size) { (void)size; return 0; }
void model_free(void *memory) { (void)memory; }
int main(void) { return 0; }
"""


def stand_in(folder: Path) -> Path:
    """An executable that exports two models, as ours exports all."""
    path = folder / "stub"
    subprocess.run(["cc", "-rdynamic", written(folder, _STAND_IN, "stub.c"), "-o", path], check=True)
    return path
