/* A key is in use for a session, in which something is made of it that stays: FORM says what. The key itself is wiped. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

enum {
    KEY = 32,
    AFFINE, SHUFFLED, BITSLICED, SCATTERED, PADS, DECIMAL, EXPANDED, CHAINED, INTERLEAVED, DOUBLES, HEAP_LIST, REFLECTED,
    DIGEST, MIDSTATE, SIGNATURE, EXCLUDED, WIPED, CHECKSUM, SEALED, HALF_WIPED, ONE_HOT, SEED_KEPT, SEED_WIPED,
};

static volatile unsigned char key[KEY], other_key[KEY];
static volatile unsigned char kept[1024];
static volatile unsigned char counted[KEY][256];
static volatile uint32_t seed;
static volatile unsigned char *excluded;
static volatile uint32_t scratch[64 + 8 + 16];
static atomic_int sessions;

/* What was worked with is gone before the session ends: it is no part of what is kept. */
static void clear_scratch(void)
{
    for (size_t i = 0; i < sizeof scratch / sizeof scratch[0]; i++) scratch[i] = 0;
}

static uint32_t rotated(uint32_t word, unsigned by) { return word >> by | word << (32 - by); }

static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* One block of SHA-256: the key, each byte changed by `pad`, and then `last`. The state is left in scratch[64..72). */
static void compress(unsigned char pad, unsigned char last)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    volatile uint32_t *w = scratch, *h = scratch + 64, *s = scratch + 72;
    for (unsigned i = 0; i < 16; i++) {
        w[i] = 0;
        for (unsigned k = 0; k < 4; k++) {
            unsigned at = 4 * i + k;
            w[i] = w[i] << 8 | (at < KEY ? (uint32_t)(key[at] ^ pad) : at == 63 ? last : pad);
        }
    }
    for (unsigned i = 16; i < 64; i++) {
        w[i] = w[i - 16] + w[i - 7] + (rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3)
               + (rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10);
    }
    for (unsigned i = 0; i < 8; i++) s[i] = first[i];
    for (unsigned i = 0; i < 64; i++) {
        s[8] = s[7] + (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6]))
               + rounds[i] + w[i];
        s[9] = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        for (unsigned k = 7; k > 0; k--) s[k] = s[k - 1];
        s[4] += s[8];
        s[0] = s[8] + s[9];
    }
    for (unsigned i = 0; i < 8; i++) h[i] = first[i] + s[i];
}

static void keep_state(size_t size)
{
    for (size_t i = 0; i < size; i++) kept[i] = (unsigned char)(scratch[64 + i / 4] >> 8 * (i % 4));
    clear_scratch();
}

static unsigned char substituted(unsigned char byte)
{
    unsigned char x = byte;
    for (int i = 0; i < 3; i++) x = (unsigned char)((x * 29u + 113u) ^ (x >> 3)); /* mixes, one to one or not */
    return x;
}

static void make(void)
{
    switch (FORM) {
    case AFFINE: /* each byte times an odd number, and a mask */
        for (size_t i = 0; i < KEY; i++) kept[i] = (unsigned char)(key[i] * 77u + 0xa5u);
        break;
    case SHUFFLED: /* other places, nibbles exchanged */
        for (size_t i = 0; i < KEY; i++) kept[i * 11 % KEY] = (unsigned char)(key[i] << 4 | key[i] >> 4);
        break;
    case BITSLICED: /* a word for each bit of a byte */
        for (size_t i = 0; i < KEY; i++) {
            for (size_t b = 0; b < 8; b++) kept[b * KEY / 8 + i / 8] |= (unsigned char)((key[i] >> b & 1) << i % 8);
        }
        break;
    case SCATTERED: /* two bytes in each of sixteen records */
        for (size_t i = 0; i < KEY; i++) kept[i / 2 * 56 + i % 2 * 17] = (unsigned char)(key[i] ^ 0x3cu);
        break;
    case PADS: /* of HMAC: two blocks */
        for (size_t i = 0; i < 64; i++) {
            kept[i] = (i < KEY ? key[i] : 0) ^ 0x36;
            kept[64 + i] = (i < KEY ? key[i] : 0) ^ 0x5c;
        }
        break;
    case DECIMAL: /* words of 64 bits as text */
        for (size_t i = 0; i < KEY / 8; i++) {
            uint64_t word = 0;
            for (size_t k = 0; k < 8; k++) word = word << 8 | key[8 * i + k];
            for (size_t k = 0; k < 20; k++, word /= 10) kept[i * 21 + 19 - k] = (unsigned char)('0' + word % 10);
            kept[i * 21 + 20] = ',';
        }
        break;
    case EXPANDED: /* a schedule like that of AES: of the words that it begins with, none is left */
        for (size_t i = 0; i < KEY; i++) kept[i] = key[i];
        for (size_t i = KEY; i < 240; i++) {
            unsigned char word = kept[i - 4];
            if (i % KEY < 4) word = (unsigned char)(substituted(kept[i - 4 + (i % 4 == 3 ? -3 : 1)]) ^ (i % 4 == 0 ? i : 0));
            kept[i] = kept[i - KEY] ^ word;
        }
        for (size_t i = 0; i < KEY; i++) kept[i] = 0;
        break;
    case CHAINED: /* each byte with the one before */
        kept[0] = (unsigned char)(key[0] ^ 0x99u);
        for (size_t i = 1; i < KEY; i++) kept[i] = (unsigned char)(kept[i - 1] + key[i]);
        break;
    case INTERLEAVED: /* the bits of two bytes in turn */
        for (size_t i = 0; i < KEY; i += 2) {
            unsigned both = 0;
            for (unsigned b = 0; b < 8; b++) both |= (key[i] >> b & 1u) << 2 * b | (key[i + 1] >> b & 1u) << (2 * b + 1);
            kept[i] = (unsigned char)both;
            kept[i + 1] = (unsigned char)(both >> 8);
        }
        break;
    case DOUBLES: /* floating point */
        for (size_t i = 0; i < KEY; i++) ((volatile double *)kept)[i] = key[i] / 7.0;
        break;
    case HEAP_LIST: { /* a list of blocks on the heap */
        static volatile unsigned char *volatile head;
        for (size_t i = 0; i < KEY; i++) {
            volatile unsigned char *block = malloc(24);
            *(volatile unsigned char *volatile *)block = head;
            block[8] = (unsigned char)~key[i];
            head = block;
        }
        break;
    }
    case REFLECTED: /* every byte with its bits in the other order, from the last to the first, in two halves apart */
        for (size_t i = 0; i < KEY; i++) {
            unsigned char byte = 0;
            for (unsigned b = 0; b < 8; b++) byte = (unsigned char)(byte << 1 | (key[i] >> b & 1));
            kept[(KEY - 1 - i) + (i % 2 ? 300 : 0)] = byte;
        }
        break;
    case DIGEST:
        compress(0, 1);
        keep_state(32);
        break;
    case MIDSTATE: /* of HMAC: as good as the key, and nothing that could be told from a digest */
        compress(0x36, 0x36);
        keep_state(32);
        break;
    case SIGNATURE: /* twice the length of a digest */
        compress(0x36, 7);
        keep_state(32);
        for (size_t i = 0; i < 32; i++) kept[32 + i] = kept[i];
        compress(0x5c, kept[3]);
        keep_state(32);
        break;
    case EXCLUDED: /* in a page that cores leave out */
        excluded = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        madvise((void *)excluded, 4096, MADV_DONTDUMP);
        for (size_t i = 0; i < KEY; i++) excluded[i] = (unsigned char)(key[i] ^ 0x36u);
        break;
    case WIPED: /* what was made is wiped as well */
        for (size_t i = 0; i < KEY; i++) kept[i] = (unsigned char)(key[i] ^ 0x36u);
        for (size_t i = 0; i < KEY; i++) kept[i] = 0;
        break;
    case CHECKSUM: /* four bytes */
        for (size_t i = 0; i < KEY; i++) {
            uint32_t sum = (uint32_t)(kept[0] | kept[1] << 8 | kept[2] << 16) | (uint32_t)kept[3] << 24;
            sum = rotated((sum ^ key[i]) * 0x9e3779b1u, 13);
            for (unsigned k = 0; k < 4; k++) kept[k] = (unsigned char)(sum >> 8 * k);
        }
        break;
    case SEALED: { /* encrypted under another secret, of which no dump has anything */
        const volatile unsigned char *other = redactfuzz_canary("sealing key", KEY);
        unsigned char sealing[KEY];
        redactfuzz_allow("sealing key");
        for (size_t i = 0; i < KEY; i++) other_key[i] = other[i];
        for (size_t i = 0; i < KEY; i++) {
            uint32_t stream = 0x12345678;
            for (size_t k = 0; k < KEY; k++) stream = rotated((stream ^ other_key[(i + k) % KEY]) * 0x9e3779b1u, 11);
            ((volatile unsigned char *)sealing)[i] = (unsigned char)stream;
        }
        for (size_t i = 0; i < KEY; i++) kept[i] = key[i] ^ ((volatile unsigned char *)sealing)[i];
        for (size_t i = 0; i < KEY; i++) ((volatile unsigned char *)sealing)[i] = 0;
        break;
    }
    case ONE_HOT: /* memory that only this key makes anybody write */
        for (size_t i = 0; i < KEY; i++) counted[i][key[i]]++;
        break;
    case SEED_KEPT: /* under the stream of a generator; its seed is all that is needed */
    case SEED_WIPED: {
        uint32_t stream;
        if (getrandom((void *)&seed, sizeof seed, 0) != sizeof seed) abort();
        stream = seed;
        if (FORM == SEED_WIPED) seed = 0;
        for (size_t i = 0; i < KEY; i++) {
            stream = stream * 1664525u + 1013904223u;
            kept[i] = (unsigned char)(key[i] ^ stream >> 24);
        }
        *(volatile uint32_t *)&stream = 0;
        break;
    }
    case HALF_WIPED: /* sixteen bytes of the mask are forgotten */
        for (size_t i = 0; i < KEY; i++) kept[i] = (unsigned char)(key[i] + i * 5u + 1u);
        for (size_t i = 0; i < KEY; i += 2) kept[i] = 0;
        break;
    }
}

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (size_t i = 0; i < KEY; i++) key[i] = 0;
    for (size_t i = 0; i < KEY; i++) other_key[i] = 0;
}

static void *serve(void *unused)
{
    const volatile unsigned char *secret = redactfuzz_canary("key", KEY);
    (void)unused;
    redactfuzz_allow("key");
    atomic_fetch_add(&sessions, 1);
    for (size_t i = 0; i < KEY; i++) key[i] = secret[i];
    make();
    wipe();
    redactfuzz_forbid("key");
    if (FORM == SEALED) redactfuzz_forbid("sealing key");
    atomic_fetch_sub(&sessions, 1);
    return NULL;
}

int main(void)
{
    pthread_t server;
    pthread_create(&server, NULL, serve, NULL);
    pthread_join(server, NULL);
    return 0;
}
