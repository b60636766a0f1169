#include "keys/key_hmac.h"

#include <string.h>

enum { INNER = 0x36, OUTER = 0x5c }; /* RFC 2104 section 2 */

/* FIPS 180-4 section 4.2.3: the first 64 bits of the fractional parts of the cube roots of the first 80 primes. The first 32
 * bits of the first 64 of them are the constants of SHA-256 (section 4.2.2). */
static const uint64_t K[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* FIPS 180-4 section 5.3. */
static const uint64_t INITIAL[5][8] = {
    {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
    {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4},
    {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
    {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31,
     0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4},
    {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
     0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179},
};

static uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static uint64_t rotr64(uint64_t x, int n) { return x >> n | x << (64 - n); }

static uint64_t choose(uint64_t x, uint64_t y, uint64_t z) { return (x & y) ^ (~x & z); }

static uint64_t majority(uint64_t x, uint64_t y, uint64_t z) { return (x & y) ^ (x & z) ^ (y & z); }

static uint64_t load(const uint8_t *at, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) value = value << 8 | at[i];
    return value;
}

/* Section 6.1.2. */
static void compress_sha1(uint64_t *state, const uint8_t *block) {
    uint32_t w[80], s[5];
    for (uint32_t i = 0; i < 5; i++) s[i] = (uint32_t)state[i];
    for (uint32_t i = 0; i < 80; i++) w[i] = i < 16 ? (uint32_t)load(block + 4 * i, 4) : rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (uint32_t i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) f = (uint32_t)choose(s[1], s[2], s[3]), k = 0x5a827999;
        else if (i < 40) f = s[1] ^ s[2] ^ s[3], k = 0x6ed9eba1;
        else if (i < 60) f = (uint32_t)majority(s[1], s[2], s[3]), k = 0x8f1bbcdc;
        else f = s[1] ^ s[2] ^ s[3], k = 0xca62c1d6;
        uint32_t t = rotl(s[0], 5) + f + s[4] + k + w[i];
        s[4] = s[3], s[3] = s[2], s[2] = rotl(s[1], 30), s[1] = s[0], s[0] = t;
    }
    for (uint32_t i = 0; i < 5; i++) state[i] = (uint32_t)(state[i] + s[i]);
}

/* Section 6.2.2. */
static void compress_sha256(uint64_t *state, const uint8_t *block) {
    uint32_t w[64], s[8];
    for (uint32_t i = 0; i < 8; i++) s[i] = (uint32_t)state[i];
    for (uint32_t i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = (uint32_t)load(block + 4 * i, 4);
            continue;
        }
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[i - 7] + (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
    }
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t e = rotr(s[4], 6) ^ rotr(s[4], 11) ^ rotr(s[4], 25), a = rotr(s[0], 2) ^ rotr(s[0], 13) ^ rotr(s[0], 22);
        uint32_t t = s[7] + e + (uint32_t)choose(s[4], s[5], s[6]) + (uint32_t)(K[i] >> 32) + w[i];
        uint32_t u = a + (uint32_t)majority(s[0], s[1], s[2]);
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t;
        s[0] = t + u;
    }
    for (uint32_t i = 0; i < 8; i++) state[i] = (uint32_t)(state[i] + s[i]);
}

/* Section 6.4.2. */
static void compress_sha512(uint64_t *state, const uint8_t *block) {
    uint64_t w[80], s[8];
    memcpy(s, state, sizeof s);
    for (uint32_t i = 0; i < 80; i++) {
        if (i < 16) {
            w[i] = load(block + 8 * i, 8);
            continue;
        }
        uint64_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotr64(a, 1) ^ rotr64(a, 8) ^ a >> 7) + w[i - 7] + (rotr64(b, 19) ^ rotr64(b, 61) ^ b >> 6);
    }
    for (uint32_t i = 0; i < 80; i++) {
        uint64_t e = rotr64(s[4], 14) ^ rotr64(s[4], 18) ^ rotr64(s[4], 41), a = rotr64(s[0], 28) ^ rotr64(s[0], 34) ^ rotr64(s[0], 39);
        uint64_t t = s[7] + e + choose(s[4], s[5], s[6]) + K[i] + w[i], u = a + majority(s[0], s[1], s[2]);
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t;
        s[0] = t + u;
    }
    for (uint32_t i = 0; i < 8; i++) state[i] += s[i];
}

static void state_after(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint8_t pad, uint8_t *out) {
    uint8_t block[RF_HASH_BLOCK];
    uint64_t state[8];
    uint32_t words = hash == RF_SHA1 ? 5 : 8, bytes = hash >= RF_SHA384 ? 8 : 4;
    memset(block, pad, sizeof block);
    for (uint32_t i = 0; i < key_bytes; i++) block[i] ^= key[i];
    memcpy(state, INITIAL[hash], sizeof state);
    (hash == RF_SHA1 ? compress_sha1 : bytes == 8 ? compress_sha512 : compress_sha256)(state, block);
    for (uint32_t i = 0; i < words * bytes; i++) out[i] = (uint8_t)(state[i / bytes] >> 8 * (bytes - 1 - i % bytes));
}

uint32_t rf_hmac_states(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint8_t *inner, uint8_t *outer) {
    if (hash > RF_SHA512 || key_bytes > (hash >= RF_SHA384 ? 128u : 64u)) return 0;
    state_after(hash, key, key_bytes, INNER, inner);
    state_after(hash, key, key_bytes, OUTER, outer);
    return hash == RF_SHA1 ? 20 : hash >= RF_SHA384 ? 64 : 32;
}

/* Section 5.1.2: one block holds the message, a one bit, and its length. */
void rf_sha512(const uint8_t *data, uint32_t size, uint8_t *out) {
    uint8_t block[RF_HASH_BLOCK] = {0};
    uint64_t state[8];
    memcpy(block, data, size);
    block[size] = 0x80;
    block[RF_HASH_BLOCK - 2] = (uint8_t)(8 * size >> 8);
    block[RF_HASH_BLOCK - 1] = (uint8_t)(8 * size);
    memcpy(state, INITIAL[RF_SHA512], sizeof state);
    compress_sha512(state, block);
    for (uint32_t i = 0; i < RF_HASH_STATE; i++) out[i] = (uint8_t)(state[i / 8] >> 8 * (7 - i % 8));
}
