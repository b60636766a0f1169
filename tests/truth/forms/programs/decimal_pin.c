/* A number made of the first KEPT bytes of a pin stands in memory in decimal, until the redactor has wiped it (WIPES). */
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "redactfuzz.h"

static volatile char digits[40];
static volatile uint64_t number;

REDACTFUZZ_REDACTOR void redact(void) {
#ifdef WIPES
    memset((void *)digits, 0, sizeof digits);
#endif
}

static void note(void) {
    for (int at = 0; number != 0; at++, number /= 10) {
        digits[at] = (char)('0' + number % 10);
    }
}

int main(void) {
    const unsigned char *pin = redactfuzz_canary("pin", 8);
    redactfuzz_allow("pin");
    memcpy((void *)&number, pin, KEPT);
    note();
    redact();
    redactfuzz_forbid("pin");
    raise(SIGSEGV);
}
