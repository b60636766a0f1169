/* A private key of RSA is wiped, and its bytes stay in memory, each XORed with one number (-DWIPED: are wiped too). */
#include <signal.h>

#include "redactfuzz.h"

enum { SIZE = 128 };
static volatile unsigned char key[SIZE], kept[SIZE];

REDACTFUZZ_REDACTOR static void wipe(void) {
    for (unsigned at = 0; at < SIZE; at++) {
        key[at] = 0;
#ifdef WIPED
        kept[at] = 0;
#endif
    }
}

int main(void) {
    const unsigned char *given = redactfuzz_canary("key", SIZE);
    redactfuzz_allow("key");
    for (unsigned at = 0; at < SIZE; at++) {
        key[at] = given[at];
        kept[at] = key[at] ^ 0x5a;
    }
    wipe();
    redactfuzz_forbid("key");
    raise(SIGSEGV);
}
