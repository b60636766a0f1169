/* Drives the matcher and the key searches with random sources, limits and data. Everything lies in memory of exactly its
 * size on the heap, where AddressSanitizer sees the first byte beyond: the Python face keeps the matcher in a mapping,
 * and reads files through one, whose last page would hide an overrun.
 *
 *     driver ROUNDS      prints what it did; a wrong result is exit 1, a sanitizer's report another status
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/key_aes.h"
#include "keys/key_dense.h"
#include "keys/key_hmac.h"
#include "keys/key_limbs.h"
#include "keys/key_power.h"
#include "keys/key_prime.h"
#include "keys/key_ratio.h"
#include "keys/key_literals.h"
#include "keys/key_text.h"
#include "match/match.h"
#include "match/match_dense.h"
#include "match/match_shards.h"
#include "match/match_marks.h"

static uint64_t state;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(size_t bound)
{
    return bound ? (size_t)(next() % bound) : 0;
}

/* malloc(0) may give NULL, which no function is asked to take. */
static void *room(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (memory == NULL)
        exit(2);
    return memory;
}

static void check(int right, const char *what)
{
    if (!right) {
        printf("WRONG: %s\n", what);
        exit(1);
    }
}

/* Bytes of several kinds: random, few letters, text with escapes, DER-like, zeros. */
static uint8_t *fill(uint8_t *data, size_t size)
{
    static const char escapes[] = "\\u0041\\x41%41&#x41;&#65;0x41, 65 \\n\\t\"'";
    static const uint8_t der[] = {0x30, 0x82, 0x04, 0xa4, 0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
                                  0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x04, 0x82, 0x02, 0x82, 0x01, 0x01};
    size_t kind = below(5);
    for (size_t at = 0; at < size; at++)
        data[at] = kind == 0   ? (uint8_t)next()
                   : kind == 1 ? (uint8_t)"0Az+/\\"[below(6)]
                   : kind == 2 ? (uint8_t)escapes[below(sizeof escapes - 1)]
                   : kind == 3 ? der[below(sizeof der)]
                               : 0;
    /* Whole stretches of these as well, at the end too. */
    for (size_t pieces = below(4); pieces; pieces--) {
        size_t length = 1 + below(sizeof der);
        if (length < size)
            memcpy(data + (below(2) ? size - length : below(size - length)), der, length);
    }
    return data;
}

static uint64_t hits_seen;

static void scan(const rf_matcher *matcher, const uint8_t *bytes, size_t size, uint32_t stride)
{
    rf_data part = {bytes, size, below(size + 1), 0};
    part.to = below(3) ? size : part.from + below(size - (size_t)part.from + 1);
    if (below(2))
        part.from = 0;
    uint32_t capacity = (uint32_t)below(20);
    rf_hit *hits = room(capacity * sizeof *hits);
    uint32_t count = rf_match_scan(matcher, &part, stride, 44.0, hits, capacity);
    for (uint32_t index = 0; index < count && index < capacity; index++) {
        check(hits[index].offset + hits[index].length <= size, "a hit lies outside of the data");
        check(hits[index].form_offset + hits[index].length <= hits[index].form_length, "a hit lies outside of its form");
    }
    hits_seen += count;
    free(hits);
}

static void match(void)
{
    uint32_t dense = (uint32_t)below(2);
    rf_match_limits limits = {(uint32_t)(16 + below(300)), (uint32_t)(1u << (8 + below(10))), (uint32_t)(8 + below(600)),
                              (uint32_t)(16 + below(1u << 14)), dense, (uint32_t)below(2)};
    size_t size = rf_match_size(&limits);
    void *block = aligned_alloc(64, (size + 63) / 64 * 64);
    if (block == NULL)
        exit(2);
    memset(block, 0, size);
    rf_matcher *matcher = rf_match_init(block, &limits);
    uint8_t secrets[4][320];
    size_t sizes[4], planted = 0;
    for (size_t index = 0; index < 1 + below(4); index++) {
        size_t length = sizes[index] = 8 + below(300);
        uint8_t *masked = room(length), mask = (uint8_t)next();
        uint8_t shape = (uint8_t)below(3);
        for (size_t at = 0; at < length; at++) {
            secrets[index][at] = shape == RF_TEXT && below(8) ? (uint8_t)"abcXYZ019\"'\\ &<>$`"[below(18)] : (uint8_t)next();
            masked[at] = secrets[index][at] ^ mask;
        }
        const uint32_t from = (uint32_t)below(length), fixed[] = {from, from + (uint32_t)below(20), 0, 2};
        rf_source source = {.masked = masked, .fixed = fixed, .fixed_count = (uint32_t)below(3), .size = (uint32_t)length, .id = (uint16_t)index, .group = (uint16_t)below(2),
                            .mask = mask, .shape = shape, .plain = (uint8_t)below(2), .letters = (uint8_t)below(2),
                            .bits = 1.0 + (double)below(8 * length)};
        int result = rf_match_plant(matcher, &source);
        free(masked);
        if (result < 0) {
            rf_match_clear(matcher);
            planted = 0;
            break;
        }
        planted++;
    }
    for (size_t times = 0; times < 4; times++) {
        size_t length = below(3000);
        uint8_t *data = fill(room(length), length);
        for (size_t index = 0; index < planted; index++) { /* whole or in part, at either end or somewhere */
            size_t piece = 1 + below(sizes[index]), from = below(sizes[index] - piece + 1);
            if (piece <= length)
                memcpy(data + (below(3) == 0 ? 0 : below(2) ? length - piece : below(length - piece + 1)),
                       secrets[index] + from, piece);
        }
        static const uint32_t strides[] = {1, 4, 8};
        scan(matcher, data, length, dense ? strides[below(3)] : 1);
        free(data);
    }
    rf_match_clear(matcher);
    free(block);
}

static void texts(const uint8_t *data, size_t size)
{
    uint8_t *out = room(size);
    size_t written = rf_unescape(data, size, out);
    check(written <= size, "rf_unescape wrote too much");
    rf_mark *marks = room((size / RF_MARKED + 1) * sizeof *marks);
    size_t count = rf_unescape_marks(data, size, marks);
    check(rf_unescape_origin(data, size, marks, count, below(written + 1)) <= size, "an origin lies outside of the text");
    written = rf_densify(data, size, out);
    check(written <= size, "rf_densify wrote too much");
    count = rf_densify_marks(data, size, marks);
    check(rf_densify_origin(data, size, marks, count, below(written + 1)) <= size, "an origin lies outside of the text");
    free(marks);
    free(out);
    rf_shards shards = {NULL, NULL, 0, 0, 0, 0};
    rf_find_shards(data, size, &shards);
    size_t needed = shards.written, words = shards.count;
    shards.room = needed - (needed && below(4) == 0); /* now and then too little */
    shards.words = words - (words && below(4) == 0);
    shards.out = room(shards.room);
    shards.marks = room(shards.words * sizeof *shards.marks);
    rf_find_shards(data, size, &shards);
    check(shards.written == needed && shards.count == words, "shards take another room when they are written");
    free(shards.marks);
    free(shards.out);
}

static void places(const uint8_t *data, size_t size)
{
    rf_literals *literals = room(sizeof *literals);
    memset(literals, 0, sizeof *literals);
    literals->count = (uint32_t)(1 + below(below(8) ? 40 : RF_LITERALS));
    for (uint32_t index = 0; index < literals->count; index++) {
        literals->sizes[index] = (uint8_t)(3 + below(RF_LITERAL_BYTES - 2));
        for (size_t at = 0; at < literals->sizes[index]; at++)
            literals->bytes[index][at] = size && below(4) ? data[below(size)] : (uint8_t)next();
    }
    rf_literals_prepare(literals);
    uint8_t *alphabet = room(256);
    for (size_t byte = 0; byte < 256; byte++)
        alphabet[byte] = (uint8_t)below(2);
    uint64_t capacity = literals->count + below(30);
    rf_place *found = room(capacity * sizeof *found);
    for (size_t kind = 0; kind < 3; kind++) {
        size_t from = 0;
        for (size_t calls = 0; from < size; calls++) {
            size_t before = from;
            uint64_t count = kind == 0   ? rf_find_literals(literals, data, size, &from, found, capacity)
                             : kind == 1 ? rf_find_runs(alphabet, data, size, 1 + below(8), 8 + below(40), &from, found, capacity)
                                         : rf_find_der(data, size, &from, found, capacity);
            check(count <= capacity && from <= size, "more places than there is room for");
            check(from > before || count == 0 || kind == 1, "a search does not go on");
            check(calls <= size + 1, "a search does not end");
            for (uint64_t index = 0; index < count; index++)
                check(found[index].offset < size, "a place lies outside of the data");
        }
    }
    free(found);
    free(alphabet);
    free(literals);
}

static void aes(uint8_t *data, size_t size)
{
    uint8_t key[32], schedule[RF_AES_SCHEDULE], *tight;
    for (size_t at = 0; at < sizeof key; at++)
        key[at] = (uint8_t)next();
    uint32_t bytes = (uint32_t)(16 + 8 * below(3)), length = rf_aes_schedule(key, bytes, (uint32_t)below(3), (uint32_t)below(2), schedule);
    check(length == 16 * (bytes / 4 + 7), "a schedule has another length");
    tight = room(length);
    memcpy(tight, schedule, length);
    rf_aes_hit hit;
    check(rf_find_aes(tight, length, 4, &hit, 1) == 1 && hit.offset == 0, "a schedule that fills the data is not found");
    check(memcmp(hit.key, key, bytes) == 0, "the key of a schedule is another one");
    check(rf_find_aes(tight, length - 1, 1, &hit, 1) == 0, "a schedule is found that is not whole");
    free(tight);
    if (size >= length) {
        memcpy(data + size - length, schedule, length);
        check(rf_find_aes(data, size, 1, &hit, 1) >= 1, "a schedule in data is not found");
    }
    rf_find_aes(data, size, 4, &hit, 0);
}

static void hmac(void)
{
    size_t size = below(140);
    uint8_t *key = fill(room(size), size), inner[RF_HASH_STATE], outer[RF_HASH_STATE];
    check(rf_hmac_states((uint32_t)below(6), key, (uint32_t)size, inner, outer) <= RF_HASH_STATE, "a state is too long");
    free(key);
}

#include "macs.h"

static void limbs(const uint8_t *data, size_t size)
{
    rf_limb_map map = {NULL, (uint32_t)(6 + below(8)), 0}, next_map = {NULL, map.size, 1};
    size_t bytes = (size_t)1 << (map.size - 3);
    uint64_t capacity = below(40), products[2] = {next() | 1, next() | 1};
    rf_stretch stretch = {data, size, below(100), (uint64_t)1 << below(4)};
    rf_limb_pair *pairs = room(capacity * sizeof *pairs);
    check(rf_limb_inverse(products[0]) * products[0] == 1, "an inverse is none");
    map.bits = memset(room(bytes), 0, bytes);
    next_map.bits = memset(room(bytes), 0, bytes);
    rf_limbs_mark(&map, &stretch);
    rf_limbs_narrow(&map, &next_map, &stretch, products, 2);
    uint64_t count = rf_limbs_pairs(&next_map, &stretch, products, 2, pairs, capacity);
    count = count < capacity ? count : capacity;
    rf_limbs_sort(&next_map, pairs, count);
    rf_limbs_confirm(&next_map, &stretch, pairs, count);
    free(map.bits);
    free(next_map.bits);
    free(pairs);
}

static void primes(const uint8_t *data, size_t size)
{
    uint32_t bits = (uint32_t)(512 + below(1600)), prime = bits / 3 + (uint32_t)below(bits / 3), count = (bits + 63) / 64 + 2;
    uint64_t *modulus = room(count * sizeof *modulus);
    rf_place stretches[2] = {{0, size / 2}, {size / 2, size - size / 2}};
    rf_prime_hit hits[4];
    for (uint32_t index = 0; index < count; index++)
        modulus[index] = index + 2 < count ? next() : 0;
    modulus[0] |= 1;
    rf_modulus moduli[2] = {{modulus, bits, prime, bits - prime + 1, 0}, {modulus, bits, prime, bits - prime + 1, 0}};
    for (uint32_t form = RF_LITTLE_ENDIAN; form <= RF_DIGITS_52; form++) {
        rf_cursor from = {0, 0};
        while (from.stretch < 2) {
            uint32_t found = rf_find_primes(moduli, 2, form, data, stretches, 2, (size_t)1 << below(4), &from, hits, 4);
            for (uint32_t index = 0; index < found; index++)
                check(hits[index].offset + rf_prime_bytes(moduli, form) <= size, "a prime lies outside of the data");
        }
    }
    free(modulus);
}

static void dense(const uint8_t *data, size_t size)
{
    rf_place runs[3], kept[4], sized[4];
    size_t from = 0, shortest = 16 + below(300), grain = (size_t)1 << below(5);
    while (from < size) {
        uint64_t count = rf_find_random(data, size, grain, &from, runs, 3);
        for (uint64_t index = 0; index < count; index++)
            check(runs[index].offset + runs[index].length <= size, "a run lies outside of the data");
        rf_cursor cursor = {0, 0};
        while (cursor.stretch < count) {
            uint64_t varied = rf_keep_varied(data, size, runs, count, shortest, shortest - below(shortest), &cursor, kept, 4);
            check(varied == 4 || cursor.stretch == count, "it stopped with room left");
            check(rf_keep_sized(kept, varied, 0, 64, sized) + rf_keep_sized(kept, varied, 65, size, sized) == varied, "a part is lost");
            for (uint64_t index = 0; index < varied; index++)
                check(kept[index].offset + kept[index].length <= size && kept[index].length >= shortest, "a part lies outside of the data");
        }
    }
}

static void ratios(const uint8_t *data, size_t size)
{
    static const uint32_t forms[] = {RF_LITTLE_ENDIAN, RF_BIG_ENDIAN, RF_DIGITS_30};
    rf_place stretches[2] = {{0, size / 2}, {size / 2, size - size / 2}};
    rf_ratio ratio = {next(), next(), next() >> below(8), forms[below(3)], (uint32_t)(16 + 4 * below(80))};
    rf_cursor from = {0, 0};
    uint64_t offsets[4];
    while (from.stretch < 2) {
        uint32_t found = rf_find_near(&ratio, data, stretches, 2, (size_t)1 << below(4), &from, offsets, 4);
        for (uint32_t index = 0; index < found; index++)
            check(offsets[index] + ratio.bytes <= size, "a number lies outside of the data");
    }
}

static void powers(const uint8_t *data, size_t size)
{
    static const uint32_t bits[] = {8, 30, 12}, bytes[] = {1, 4, 3};
    uint64_t modulus[6], one[6], at = below(8);
    uint32_t form = (uint32_t)below(3), digits = 1 + (uint32_t)below(40);
    rf_power power = {.modulus = modulus, .one = one, .limbs = (uint32_t)(1 + below(6)), .digit_bits = bits[form], .digit_bytes = bytes[form], .digits = digits, .places = digits + (uint32_t)below(40), .part_bits = (uint32_t)(1 + below(4))};
    for (uint32_t index = 0; index < 6; index++) {
        modulus[index] = next() | 1;
        one[index] = next() & modulus[index];
    }
    power.n0 = next();
    power.table = room(((size_t)power.places * ((power.digit_bits + power.part_bits - 1) / power.part_bits) * power.limbs * sizeof(uint64_t)) << power.part_bits);
    uint64_t *ends = room((power.places + 2) * power.limbs * sizeof *ends);
    rf_power_prepare(&power, one, one);
    for (uint64_t count; (count = rf_digit_row(data, size, power.digit_bits, power.digit_bytes, digits, &at)) > 0; at += count * power.digit_bytes) {
        check(at + count * power.digit_bytes <= size && count >= digits, "a row lies outside of the data");
        uint64_t most = count < power.places ? count : power.places;
        rf_power_windows(&power, (int)below(2), data + at, most, ends, ends + (most + 1) * power.limbs);
    }
    free(power.table);
    free(ends);
}

#include "curves.h"

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
    for (long round = 0; round < rounds; round++) {
        state = (uint64_t)round;
        match();
        size_t size = below(below(8) ? 2000 : 20);
        uint8_t *data = fill(room(size), size);
        texts(data, size);
        places(data, size);
        limbs(data, size);
        primes(data, size);
        dense(data, size);
        ratios(data, size);
        powers(data, size);
        if (round % 16 == 0) scalars(data, size);
        if (round % 64 == 8) sums(data, size);
        aes(data, size);
        hmac();
        macs(data, size);
        free(data);
    }
    printf("%ld rounds, %llu fragments found\n", rounds, (unsigned long long)hits_seen);
    return hits_seen > 0 || rounds == 0 ? 0 : 1;
}
