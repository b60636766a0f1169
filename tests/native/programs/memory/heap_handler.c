/* With "malloc" the handler allocates: struck inside malloc it waits for ever, a bug. With "write" it does not: no bug. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int allocates;
static char *kept;

static void on_crash(int number)
{
    if (allocates)
        kept = malloc(32);
    else
        write(2, "crash\n", 6);
    _exit(number);
}

int main(int count, char **values)
{
    allocates = count > 1 && strcmp(values[1], "malloc") == 0;
    signal(SIGSEGV, on_crash);
    kept = malloc(16);
    free(kept);
    return 0;
}
