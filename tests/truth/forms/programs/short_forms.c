/* Short secrets, and what is left of longer ones, at places that are no multiple of 8. WHAT says which; CLEAN wipes it. */
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { EIGHT_BYTES, PASSWORD, PIECE_OF_KEY };

static unsigned char key[32];
static char buffer[64];
static char *line = buffer;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    memset(key, 0, sizeof key);
    if (CLEAN) memset(line, 0, sizeof buffer);
}

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}

/* Byte by byte: a copy through a vector register would stay in it. */
static void copied(volatile unsigned char *to, const unsigned char *from, size_t size)
{
    for (size_t i = 0; i < size; i++) to[i] = from[i];
}

int main(void)
{
    signal(SIGSEGV, on_crash);
    switch (WHAT) {
    case EIGHT_BYTES:
        memcpy(key, redactfuzz_canary("pin", 8), 8);
        memcpy(line + 1, key, 8);
        break;
    case PASSWORD:
        memcpy(key, redactfuzz_canary("password", 12), 12);
        memcpy(line, "password=", 9);
        memcpy(line + 9, key, 12);
        break;
    case PIECE_OF_KEY: /* the rest was written over */
        line = malloc(sizeof buffer);
        copied(key, redactfuzz_canary("key", sizeof key), sizeof key);
        memcpy(line + 3, key + 11, 9);
        break;
    }
    return 0;
}
