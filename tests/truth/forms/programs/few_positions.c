/* Some bits of a key of 256 stay, shifted: where a comparison changes fewer of them, it reads off fewer than by all. */
#include <redactfuzz.h>
#include <stdint.h>

static volatile unsigned char key[32];
static volatile uint64_t kept;

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < 32; i++) {
        key[i] = 0;
    }
}

int main(void)
{
    const volatile unsigned char *secret;
    uint64_t word = 0;
    redactfuzz_allow("key");
    secret = redactfuzz_canary("key", 32);
    for (int i = 0; i < 32; i++) {
        key[i] = secret[i];
    }
    for (int i = 0; i < 8; i++) {
        word |= (uint64_t)key[i] << 8 * i;
    }
    kept = (word << (64 - BITS)) >> 3;
    word = 0;
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
