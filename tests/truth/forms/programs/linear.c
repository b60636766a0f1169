/* Sums of a key's bits without carry stay: WHAT says which. */
#include <redactfuzz.h>
#include <stdint.h>

#define PARITIES 0  /* of random halves of the key, a few more than it has bits */
#define REGISTER 1  /* what a shift register that the key has filled gives, after a while */
#define CHECK 2     /* a CRC of 64 bits: most of the key stays open */

enum { SIZE = 32 };
static volatile unsigned char key[SIZE], kept[40];

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < SIZE; i++) key[i] = 0;
}

static void keep(unsigned at, unsigned bit) { kept[at / 8] = (unsigned char)(kept[at / 8] | bit << at % 8); }

int main(void)
{
    redactfuzz_allow("key");
    const unsigned char *secret = redactfuzz_canary("key", SIZE);
    for (int i = 0; i < SIZE; i++) key[i] = secret[i];
#if WHAT == PARITIES
    uint32_t chance = 12345;
    for (unsigned at = 0; at < 320; at++) {
        unsigned parity = 0;
        for (int i = 0; i < SIZE; i++) {
            chance = chance * 1664525u + 1013904223u;
            for (unsigned both = chance >> 24 & key[i]; both != 0; both &= both - 1) parity ^= 1;
        }
        keep(at, parity);
    }
#elif WHAT == REGISTER
    uint64_t state[4] = {0};
    for (int i = 0; i < SIZE; i++) state[i / 8] |= (uint64_t)key[i] << 8 * (i % 8);
    for (unsigned round = 0; round < 600; round++) {
        uint64_t bit = (state[0] ^ state[0] >> 2 ^ state[0] >> 5 ^ state[0] >> 10) & 1;
        for (int i = 0; i < 4; i++) state[i] = state[i] >> 1 | (i < 3 ? state[i + 1] << 63 : bit << 63);
        if (round >= 300) keep(round - 300, bit & 1);
    }
    for (int i = 0; i < 4; i++) ((volatile uint64_t *)state)[i] = 0;
#else
    uint64_t sum = 0;
    for (int i = 0; i < SIZE; i++) {
        sum ^= (uint64_t)key[i] << 56;
        for (int k = 0; k < 8; k++) sum = sum >> 63 ? sum << 1 ^ 0x42f0e1eba9ea3693u : sum << 1;
    }
    for (unsigned at = 0; at < 64; at++) keep(at, sum >> at & 1);
#endif
    wipe();
    redactfuzz_forbid("key");
    return 0;
}
