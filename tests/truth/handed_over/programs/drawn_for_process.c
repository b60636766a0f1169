/* Whether a key is kept follows from the bytes that the kernel draws for each process: the same ones each time here, so that
 * what is found is found again. -DWIPED: whatever they are, it is not kept. -DRARE: it is for one number of the 256 that getrandom may give. */
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "redactfuzz.h"

static volatile uint64_t key, kept;

REDACTFUZZ_REDACTOR static void wipe(void) { key = 0; }

int main(void) {
    const unsigned char *drawn = (const unsigned char *)getauxval(AT_RANDOM);
    redactfuzz_allow("key");
    key = *(const volatile uint64_t *)redactfuzz_canary("key", sizeof key);
#ifdef WIPED
    kept = drawn[3];
#elif defined RARE
    unsigned char byte = 0;
    getrandom(&byte, 1, 0);
    if (byte == RARE) {
        kept = key;
    }
#else
    for (unsigned at = 0; at < 16; at++) {
        if (drawn[at] & 1) { /* of sixteen one is odd, whatever they are */
            kept = key;
        }
    }
#endif
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
