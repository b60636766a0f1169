/* The end of the process: handlers in reverse order, then streams. The argument chooses how; "exit" and "return" must print 3
 * bytes and exit with 7, "quick" and "_exit" none; "assert" is a bug, "abort" dies of SIGABRT. */
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int step;

static void last(void)
{
    assert(step++ == 2);
    putchar('c');
}

static void late(void)
{
    assert(step++ == 1);
    putchar('b');
}

static void first(void)
{
    assert(step++ == 0);
    putchar('a');
    atexit(late); /* is served before those that were there */
}

static void quick(void)
{
    step = 100;
}

int main(int count, char **values)
{
    const char *how = count > 1 ? values[1] : "";
    atexit(last);
    atexit(first);
    at_quick_exit(quick);
    if (strcmp(how, "exit") == 0)
        exit(256 + 7);
    if (strcmp(how, "err") == 0) {
        errno = ENOENT;
        error(0, ENOENT, "%d", 1);
        err(7, "%s", "two");
    }
    if (strcmp(how, "_exit") == 0) {
        for (int i = 0; i < 600; i++) /* there is room for them in each execution */
            assert(atexit(last) == 0);
        _exit(7);
    }
    if (strcmp(how, "quick") == 0)
        quick_exit(7);
    if (strcmp(how, "assert") == 0)
        assert(step == 1 && "never so");
    if (strcmp(how, "abort") == 0)
        abort();
    return 7;
}
