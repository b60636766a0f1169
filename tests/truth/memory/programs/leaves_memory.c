/* A length that is far too large, given to what copies and fills: memory of the program ends before it does. FIXED: it is not. */
#define _GNU_SOURCE
#include <redactfuzz.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#ifdef FIXED
static volatile size_t size = 32;
#else
static volatile size_t size = 1ul << 45;
#endif
static unsigned char key[32];

REDACTFUZZ_REDACTOR static void wipe(void) { memset(key, 0, sizeof key); }

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}

int main(void)
{
    unsigned char local[64] = {1}, *block = malloc(64);
    signal(SIGABRT, on_crash);
    const unsigned char *from = redactfuzz_canary("key", sizeof key);
    for (size_t i = 0; i < sizeof key; i++) ((volatile unsigned char *)key)[i] = from[i];
    wipe();
    memset(block, 1, 64);
    CALL;
    return local[0] == 77;
}
