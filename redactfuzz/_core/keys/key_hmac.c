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

static inline uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

static inline uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static inline uint64_t rotr64(uint64_t x, int n) { return x >> n | x << (64 - n); }

static inline uint64_t choose(uint64_t x, uint64_t y, uint64_t z) { return z ^ (x & (y ^ z)); }

static inline uint64_t majority(uint64_t x, uint64_t y, uint64_t z) { return (x & y) | (z & (x | y)); }

static inline uint64_t load(const uint8_t *at, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) value = value << 8 | at[i];
    return value;
}

static void store(uint8_t *at, uint64_t value, uint32_t bytes) {
    for (uint32_t i = bytes; i-- > 0; value >>= 8) at[i] = (uint8_t)value;
}

/* A step of section 6.1.2: the function and the constant, which change every 20 steps, are in what is added. */
static inline void step_sha1(uint32_t *s, uint32_t added) {
    uint32_t t = rotl(s[0], 5) + s[4] + added;
    s[4] = s[3], s[3] = s[2], s[2] = rotl(s[1], 30), s[1] = s[0], s[0] = t;
}

static void compress_sha1(uint64_t *state, const uint8_t *block) {
    uint32_t w[80], s[5];
    for (uint32_t i = 0; i < 5; i++) s[i] = (uint32_t)state[i];
    for (uint32_t i = 0; i < 16; i++) w[i] = (uint32_t)load(block + (size_t)4 * i, 4);
    for (uint32_t i = 16; i < 80; i++) w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (uint32_t i = 0; i < 20; i++) step_sha1(s, (uint32_t)choose(s[1], s[2], s[3]) + 0x5a827999 + w[i]);
    for (uint32_t i = 20; i < 40; i++) step_sha1(s, (s[1] ^ s[2] ^ s[3]) + 0x6ed9eba1 + w[i]);
    for (uint32_t i = 40; i < 60; i++) step_sha1(s, (uint32_t)majority(s[1], s[2], s[3]) + 0x8f1bbcdc + w[i]);
    for (uint32_t i = 60; i < 80; i++) step_sha1(s, (s[1] ^ s[2] ^ s[3]) + 0xca62c1d6 + w[i]);
    for (uint32_t i = 0; i < 5; i++) state[i] = (uint32_t)(state[i] + s[i]);
}

/* A step of section 6.2.2, in which the variables a to h begin at s[-i]: so none is moved. `i` is a constant, and `s` in registers. */
static inline void step_sha256(uint32_t *s, uint32_t i, uint32_t added) {
    uint32_t a = s[(0 - i) % 8], b = s[(1 - i) % 8], c = s[(2 - i) % 8], e = s[(4 - i) % 8];
    uint32_t t = s[(7 - i) % 8] + added + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (uint32_t)choose(e, s[(5 - i) % 8], s[(6 - i) % 8]);
    s[(3 - i) % 8] += t;
    s[(7 - i) % 8] = t + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + (uint32_t)majority(a, b, c);
}

static void compress_sha256(uint64_t *state, const uint8_t *block) {
    uint32_t w[64], s[8];
    for (uint32_t i = 0; i < 8; i++) s[i] = (uint32_t)state[i];
    for (uint32_t i = 0; i < 16; i++) w[i] = (uint32_t)load(block + (size_t)4 * i, 4);
    for (uint32_t i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[i - 7] + (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
    }
    for (uint32_t i = 0; i < 64; i += 8) {
        step_sha256(s, 0, (uint32_t)(K[i + 0] >> 32) + w[i + 0]);
        step_sha256(s, 1, (uint32_t)(K[i + 1] >> 32) + w[i + 1]);
        step_sha256(s, 2, (uint32_t)(K[i + 2] >> 32) + w[i + 2]);
        step_sha256(s, 3, (uint32_t)(K[i + 3] >> 32) + w[i + 3]);
        step_sha256(s, 4, (uint32_t)(K[i + 4] >> 32) + w[i + 4]);
        step_sha256(s, 5, (uint32_t)(K[i + 5] >> 32) + w[i + 5]);
        step_sha256(s, 6, (uint32_t)(K[i + 6] >> 32) + w[i + 6]);
        step_sha256(s, 7, (uint32_t)(K[i + 7] >> 32) + w[i + 7]);
    }
    for (uint32_t i = 0; i < 8; i++) state[i] = (uint32_t)(state[i] + s[i]);
}

/* The same of section 6.4.2. */
static inline void step_sha512(uint64_t *s, uint32_t i, uint64_t added) {
    uint64_t a = s[(0 - i) % 8], b = s[(1 - i) % 8], c = s[(2 - i) % 8], e = s[(4 - i) % 8];
    uint64_t t = s[(7 - i) % 8] + added + (rotr64(e, 14) ^ rotr64(e, 18) ^ rotr64(e, 41)) + choose(e, s[(5 - i) % 8], s[(6 - i) % 8]);
    s[(3 - i) % 8] += t;
    s[(7 - i) % 8] = t + (rotr64(a, 28) ^ rotr64(a, 34) ^ rotr64(a, 39)) + majority(a, b, c);
}

static void compress_sha512(uint64_t *state, const uint8_t *block) {
    uint64_t w[80], s[8];
    memcpy(s, state, sizeof s);
    for (uint32_t i = 0; i < 16; i++) w[i] = load(block + (size_t)8 * i, 8);
    for (uint32_t i = 16; i < 80; i++) {
        uint64_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotr64(a, 1) ^ rotr64(a, 8) ^ a >> 7) + w[i - 7] + (rotr64(b, 19) ^ rotr64(b, 61) ^ b >> 6);
    }
    for (uint32_t i = 0; i < 80; i += 8) {
        step_sha512(s, 0, K[i + 0] + w[i + 0]);
        step_sha512(s, 1, K[i + 1] + w[i + 1]);
        step_sha512(s, 2, K[i + 2] + w[i + 2]);
        step_sha512(s, 3, K[i + 3] + w[i + 3]);
        step_sha512(s, 4, K[i + 4] + w[i + 4]);
        step_sha512(s, 5, K[i + 5] + w[i + 5]);
        step_sha512(s, 6, K[i + 6] + w[i + 6]);
        step_sha512(s, 7, K[i + 7] + w[i + 7]);
    }
    for (uint32_t i = 0; i < 8; i++) state[i] += s[i];
}

static uint32_t word_bytes(uint32_t hash) { return hash >= RF_SHA384 ? 8 : 4; }

uint32_t rf_hash_block(uint32_t hash) { return 16 * word_bytes(hash); }

uint32_t rf_hash_state(uint32_t hash) { return (hash == RF_SHA1 ? 5 : 8) * word_bytes(hash); }

uint32_t rf_hash_digest(uint32_t hash) { return hash == RF_SHA224 ? 28 : hash == RF_SHA384 ? 48 : rf_hash_state(hash); }

static void compress(uint32_t hash, uint64_t *state, const uint8_t *block) {
    (hash == RF_SHA1 ? compress_sha1 : hash >= RF_SHA384 ? compress_sha512 : compress_sha256)(state, block);
}

void rf_hash_read(uint32_t hash, uint32_t order, const uint8_t *at, uint64_t *state) {
    const uint32_t bytes = word_bytes(hash), count = rf_hash_state(hash) / bytes;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t word[8];
        for (uint32_t j = 0; j < bytes; j++) word[j] = at[i * bytes + (order == RF_STATE_WORDS ? bytes - 1 - j : j)];
        state[i] = load(word, bytes);
    }
}

void rf_hash_write(uint32_t hash, const uint64_t *state, uint32_t bytes, uint8_t *out) {
    const uint32_t word = word_bytes(hash);
    for (uint32_t i = 0; i < bytes / word; i++) store(out + (size_t)i * word, state[i], word);
}

/* Section 5.1: a one bit, zeros, and the length in bits in twice the bytes of a word. */
void rf_hash_go_on(uint32_t hash, const uint64_t *before, uint64_t done, const uint8_t *data, uint64_t size, uint8_t *digest) {
    const uint32_t block = rf_hash_block(hash), length = 2 * word_bytes(hash);
    uint8_t last[2 * RF_HASH_BLOCK] = {0};
    uint64_t state[8], at = 0;
    memcpy(state, before, sizeof state);
    for (; size - at >= block; at += block) compress(hash, state, data + at);
    const uint32_t rest = (uint32_t)(size - at), padded = rest + 1 + length <= block ? block : 2 * block;
    if (rest) memcpy(last, data + at, rest);
    last[rest] = 0x80;
    store(last + padded - 8, 8 * (done + size), 8);
    for (uint32_t i = 0; i < padded; i += block) compress(hash, state, last + i);
    rf_hash_write(hash, state, rf_hash_digest(hash), digest);
}

void rf_hash_of(uint32_t hash, const uint8_t *data, uint64_t size, uint8_t *digest) { rf_hash_go_on(hash, INITIAL[hash], 0, data, size, digest); }

static void state_after(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint8_t pad, uint64_t *state) {
    uint8_t block[RF_HASH_BLOCK];
    memset(block, pad, sizeof block);
    for (uint32_t i = 0; i < key_bytes; i++) block[i] ^= key[i];
    memcpy(state, INITIAL[hash], sizeof INITIAL[hash]);
    compress(hash, state, block);
}

void rf_hmac_key(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint64_t *inner, uint64_t *outer) {
    uint8_t digest[RF_HASH_STATE];
    if (key_bytes > rf_hash_block(hash)) {
        rf_hash_of(hash, key, key_bytes, digest);
        key = digest, key_bytes = rf_hash_digest(hash);
    }
    state_after(hash, key, key_bytes, INNER, inner);
    state_after(hash, key, key_bytes, OUTER, outer);
}

uint32_t rf_hmac_states(uint32_t hash, const uint8_t *key, uint32_t key_bytes, uint8_t *inner, uint8_t *outer) {
    uint64_t states[2][8];
    if (hash > RF_SHA512) return 0;
    rf_hmac_key(hash, key, key_bytes, states[0], states[1]);
    rf_hash_write(hash, states[0], rf_hash_state(hash), inner);
    rf_hash_write(hash, states[1], rf_hash_state(hash), outer);
    return rf_hash_state(hash);
}
