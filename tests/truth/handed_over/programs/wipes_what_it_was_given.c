/* A program that wipes the bytes which redactfuzz_canary gave it, as it would wipe its own: they are there again next time. */
#include <signal.h>
#include <string.h>

#include "redactfuzz.h"

static volatile char key[32];

REDACTFUZZ_REDACTOR void redact(void) {
#ifdef WIPES
    for (unsigned at = 0; at < sizeof key; at++) {
        key[at] = 0;
    }
#endif
}

int main(void) {
    char *given = (char *)redactfuzz_canary("key", sizeof key);
    redactfuzz_allow("key");
    for (unsigned at = 0; at < sizeof key; at++) {
        key[at] = given[at];
    }
    memset(given, 0, sizeof key);
    redact();
    redactfuzz_forbid("key");
    raise(SIGSEGV);
}
