#include "carve/carve.h"

#include "carve/deflate.h"
#include "carve/words.h"

#include <string.h>

/* What begins with constant bytes. `apart`: so little of it is constant that it counts only where a word of base64 or hex begins.
 * Of one `bucket` the first bytes, and the second, should be alike. */
typedef struct mark {
    const char *bytes;
    uint8_t size;
    uint8_t apart;
    uint8_t bucket;
} mark;

static const mark marks[] = {
    {"\x1f\x8b\x08", 3, 0, 3},             /* gzip, RFC 1952: its only method */
    {"\x28\xb5\x2f\xfd", 4, 0, 3},         /* zstd, RFC 8878 */
    {"\x04\x22\x4d\x18", 4, 0, 4},         /* lz4 frame */
    {"\xfd" "7zXZ\0", 6, 0, 3},            /* xz */
    {"BZh", 3, 0, 4},                      /* bzip2 */
    {"\x5d\0\0", 3, 0, 3},                 /* lzma, with the properties that everybody writes */
    {"PK\x03\x04", 4, 0, 4},               /* a member of a zip archive */
    {"\x89PNG", 4, 0, 3},                  /* whose pixels are one zlib stream in several pieces */
    {"7z\xbc\xaf\x27\x1c", 6, 0, 4},       /* 7-Zip */
    {"Rar!\x1a\x07", 6, 0, 4},             /* RAR */
    {"MSCF\0\0\0\0", 8, 0, 4},             /* a cabinet */
    /* What nothing opens: lzip, lzop, framed snappy, dumps of the kernel, squashfs, qcow, WIM, zpaq. */
    {"LZIP", 4, 0, 4}, {"\x89LZO", 4, 0, 3}, {"\xff\x06\0\0sNaP", 8, 0, 3}, {"KDUMP   ", 8, 0, 4}, {"DISKDUMP", 8, 0, 4}, {"makedump", 8, 0, 7},
    /* mozLz4, lz4-java, RTF in mails, dumps of Redis, snappy-java, UPX, tables of RocksDB and Pebble */
    {"mozLz40\0", 8, 0, 7}, {"LZ4Block", 8, 0, 4}, {"LZFu", 4, 0, 4}, {"REDIS0", 6, 0, 4}, {"\x82SNAPPY\0", 8, 0, 3}, {"UPX!", 4, 0, 4},
    {"\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 8, 0, 3}, {"\xf0\x9f\xaa\xb3\xf0\x9f\xaa\xb3", 8, 0, 3},
    /* a header of HTTP: the body may be deflated without a mark */
    {"ncoding: deflate", 16, 0, 7},
    /* What Windows packs, installers, help, games, machines and flash memory: carving/packages.py */
    {"\x81\x81xpress", 8, 0, 3}, {"MAM\x04", 4, 0, 4}, {"MAM\x84", 4, 0, 4}, {"SZDD\x88\xf0\x27\x33", 8, 0, 4}, {"KWAJ\x88\xf0\x27\xd1", 8, 0, 4},
    {"\xef\xbe\xad\xdeNullsoftInst", 16, 0, 3}, {"Inno Setup Setup Data (", 23, 0, 5}, {"ITSF\3\0\0\0", 8, 0, 4}, {"UnityFS\0", 8, 0, 5},
    {"\x7fVirtualBox SavedState V", 24, 0, 3}, {"\x31\x18\x10\x06", 4, 0, 7}, {"\xff\x06\0\0S2sT", 8, 0, 3},
    {"Attribut\0e VB_N", 15, 0, 5},        /* macros of Office, behind four bytes: carving/macros.py */
    {"hsqs", 4, 0, 7}, {"sqsh", 4, 0, 7}, {"QFI\xfb", 4, 0, 4}, {"MSWIM\0\0\0", 8, 0, 4}, {"WLPWM\0\0\0", 8, 0, 4}, {"7kSt\xa0", 5, 0, 7},
    /* The same in base64: gzip, zstd, lz4, xz, bzip2, zip, zlib by level */
    {"H4sI", 4, 0, 5}, {"KLUv", 4, 0, 5}, {"BCJNG", 5, 0, 5}, {"/Td6WFo", 7, 0, 5}, {"QlpoO", 5, 1, 5}, {"QlpoN", 5, 1, 5}, {"UEsDB", 5, 0, 5},
    {"eJ", 2, 1, 6}, {"eN", 2, 1, 6}, {"eA", 2, 1, 6}, {"eF", 2, 1, 6},
    /* and in hexadecimal */
    {"1f8b08", 6, 1, 7}, {"1F8B08", 6, 1, 7}, {"28b52ffd", 8, 1, 7}, {"28B52FFD", 8, 1, 7}, {"04224d18", 8, 1, 7}, {"04224D18", 8, 1, 7},
    {"fd377a585a00", 12, 1, 7}, {"FD377A585A00", 12, 1, 7}, {"425a68", 6, 1, 7}, {"425A68", 6, 1, 7}, {"504b0304", 8, 1, 7}, {"504B0304", 8, 1, 7},
    {"789c", 4, 1, 7}, {"789C", 4, 1, 7}, {"78da", 4, 1, 7}, {"78DA", 4, 1, 7}, {"7801", 4, 1, 7}, {"785e", 4, 1, 7}, {"785E", 4, 1, 7},
};
enum { MARKS = sizeof marks / sizeof *marks, SMALLEST = 8, BLOCK = 32 };
_Static_assert((int)MARKS <= (int)RF_MARKS, "a mark and the one after it are found by numbers of a byte");

static int zlib_header(uint32_t high, uint32_t low)
{
    return (high & 15u) == 8 && high <= 0x78 && (high << 8 | low) % 31u == 0;
}

/* Behind its header, and the checksum of a dictionary where it has one. */
static int is_zlib(const uint8_t *at, size_t left)
{
    enum { WITH_DICTIONARY = 0x20, HEADER = 2, CHECKSUM = 4 };
    if (!(at[1] & WITH_DICTIONARY))
        return rf_deflates(at + HEADER, left - HEADER);
    return rf_deflates_with_dictionary(at + HEADER + CHECKSUM, left - HEADER - CHECKSUM);
}

static void add(rf_carve *carve, uint32_t bucket, uint32_t first, uint32_t second) {
    const uint32_t bytes[2] = {first, second}, pair = first << 8 | second;
    carve->pairs[pair >> 6] |= (uint64_t)1 << (pair & 63u);
    for (uint32_t i = 0; i < 2; i++) {
        carve->low[i][bytes[i] & 15u] |= (uint8_t)(1u << bucket);
        carve->high[i][bytes[i] >> 4] |= (uint8_t)(1u << bucket);
    }
}

void rf_carve_prepare(rf_carve *carve) {
    memset(carve, 0, sizeof *carve);
    for (uint32_t i = 0; i < MARKS; i++) {
        const uint8_t byte = (uint8_t)marks[i].bytes[0];
        add(carve, marks[i].bucket, byte, (uint8_t)marks[i].bytes[1]);
        carve->next[i] = carve->first[byte];
        carve->first[byte] = (uint8_t)(i + 1);
    }
    for (uint32_t high = 8; high <= 0x78; high += 16) {
        for (uint32_t low = 0; low < 256; low++) {
            if (zlib_header(high, low)) add(carve, high >> 4 & 4u ? high == 0x48 : 2, high, low);
        }
    }
}

/* The size of the dictionary is a power of two or half as much again; that of what comes out is unknown, or below 2^40. */
static int lzma_header(const uint8_t *at, size_t left) {
    if (left < 13) return 0;
    uint32_t dictionary = (uint32_t)at[2] << 8 | (uint32_t)at[3] << 16 | (uint32_t)at[4] << 24, top = dictionary;
    while (top & (top - 1)) top &= top - 1;
    return top && (dictionary == top || dictionary == top + top / 2) &&
           ((at[10] == 0 && at[11] == 0 && at[12] == 0) || !memcmp(at + 5, "\xff\xff\xff\xff\xff\xff\xff\xff", 8));
}

static int is_word(uint8_t c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+' || c == '/' || c == '-' || c == '_';
}

/* Behind an escape, as \n in a string of JSON, a word begins as well. */
static int begins_a_word(const uint8_t *data, size_t at) {
    return at == 0 || !is_word(data[at - 1]) || (at > 1 && data[at - 2] == '\\');
}

/* Two bytes of HTTP by themselves, as Node writes them: what they begin goes on in the next chunk. */
static int chunk_of_two(const uint8_t *data, size_t size, size_t at) {
    return at > 4 && size - at > 4 && !memcmp(data + at - 5, "\r\n2\r\n", 5) && !memcmp(data + at + 2, "\r\n", 2);
}

/* Whether something begins at `at`, of which the first two bytes say that it may. */
static int begins(const rf_carve *carve, const uint8_t *data, size_t size, size_t at) {
    const uint8_t *here = data + at;
    if (zlib_header(here[0], here[1]) && (is_zlib(here, size - at) || chunk_of_two(data, size, at)))
        return 1;
    for (uint32_t next = carve->first[*here]; next; next = carve->next[next - 1]) {
        const mark *one = &marks[next - 1];
        if ((uint8_t)one->bytes[1] != here[1] || one->size > size - at) continue;
        if (*here == 0x5d && !lzma_header(here, size - at)) continue;
        if (!memcmp(here, one->bytes, one->size) && (!one->apart || begins_a_word(data, at))) return 1;
    }
    return 0;
}

static inline int may_begin(const rf_carve *carve, const uint8_t *here) {
    const uint32_t pair = (uint32_t)here[0] << 8 | here[1];
    return carve->pairs[pair >> 6] >> (pair & 63u) & 1u;
}

static size_t next_plain(const rf_carve *carve, const uint8_t *data, size_t size, size_t at, size_t end) {
    while (at < end && !(may_begin(carve, data + at) && begins(carve, data, size, at))) at++;
    return at;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

static __m256i twice(const uint8_t *row) __attribute__((target("avx2")));
static __m256i twice(const uint8_t *row) { return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)row)); }

/* Of 32 offsets at once by four shuffles (the matcher Teddy of Hyperscan): which pairs are of one bucket. Of those that are, by
 * chance or for sure, the bit map says more. */
__attribute__((target("avx2"))) static size_t next_avx2(const rf_carve *carve, const uint8_t *data, size_t size, size_t at, size_t end) {
    const __m256i low = twice(carve->low[0]), high = twice(carve->high[0]), nibble = _mm256_set1_epi8(15);
    const __m256i low2 = twice(carve->low[1]), high2 = twice(carve->high[1]), none = _mm256_setzero_si256();
    for (; end - at > BLOCK; at += BLOCK) {
        __m256i first = _mm256_loadu_si256((const __m256i *)(data + at));
        __m256i second = _mm256_loadu_si256((const __m256i *)(data + at + 1));
        __m256i a = _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(first, nibble)),
                                     _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(first, 4), nibble)));
        __m256i b = _mm256_and_si256(_mm256_shuffle_epi8(low2, _mm256_and_si256(second, nibble)),
                                     _mm256_shuffle_epi8(high2, _mm256_and_si256(_mm256_srli_epi16(second, 4), nibble)));
        uint32_t fits = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(a, b), none));
        for (; fits; fits &= fits - 1) {
            size_t here = at + (uint32_t)__builtin_ctz(fits);
            if (may_begin(carve, data + here) && begins(carve, data, size, here)) return here;
        }
    }
    return next_plain(carve, data, size, at, end);
}
#endif

size_t rf_carve_next(const rf_carve *carve, const uint8_t *data, size_t size, size_t at, size_t stop) {
    size_t end = size < SMALLEST ? 0 : size - SMALLEST, found;
    if (end > stop) end = stop;
    if (at >= end) return stop;
#if defined(__x86_64__) && defined(__GNUC__)
    found = __builtin_cpu_supports("avx2") ? next_avx2(carve, data, size, at, end) : next_plain(carve, data, size, at, end);
#else
    found = next_plain(carve, data, size, at, end);
#endif
    return found < end ? found : stop;
}

void rf_carve_places(const rf_carve *carve, const uint8_t *data, size_t size, size_t at, size_t stop, rf_places *to) {
    to->mark_count = to->word_count = 0;
    to->marked = to->worded = at;
    while (to->mark_count < to->room && (to->marked = rf_carve_next(carve, data, size, to->marked, stop)) < stop)
        to->marks[to->mark_count++] = to->marked++;
    while (to->word_count < to->room && (to->worded = rf_deflated_word(data, size, to->worded, stop)) < stop)
        to->words[to->word_count++] = to->worded++;
}
