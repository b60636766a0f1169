/* What a C or C++ program declares to redactfuzz: its secrets, when they may be in memory, and which function redacts.
 *
 *     #include <redactfuzz.h>
 *
 *     memcpy(key, redactfuzz_canary("signing key", sizeof key), sizeof key);
 *
 * C11 and C++17, gcc and clang. With -DREDACTFUZZ_OFF the program builds and runs without redactfuzz: the secrets are fixed bytes
 * that are none, and the rest is nothing.
 */
#ifndef REDACTFUZZ_H
#define REDACTFUZZ_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef REDACTFUZZ_OFF

/* The `size` bytes of a secret: uniformly random, another seed gives others, the same in each execution but for a few at the end,
 * whose secrets hold bytes at which code for text stops (0, '\n', ' ', 0xff, 0x80). Each name is one secret: the same name gives the
 * same bytes. They lie where no dump sees them: copy them to where the program keeps its secret. There may be 64 of them, of 8 to
 * 16384 bytes. */
const unsigned char *redactfuzz_canary(const char *name, size_t size);

/* From here on the secret may be in memory: it is in use. A crash that strikes meanwhile is not counted against it. */
void redactfuzz_allow(const char *name);

/* From here on it must not be in a dump, as it is from the start. */
void redactfuzz_forbid(const char *name);

#if defined(__has_attribute)
#if __has_attribute(noipa)
#define REDACTFUZZ_ALONE noipa /* gcc: callers learn nothing about it, so it can be bypassed */
#endif
#endif
#ifndef REDACTFUZZ_ALONE
#define REDACTFUZZ_ALONE noinline
#endif

/* Before the definition of the redactor, a function that returns nothing. The control runs bypass it: it returns at once,
 * and every secret must then be seen in some dump, or a pass would mean nothing. */
#define REDACTFUZZ_REDACTOR __attribute__((REDACTFUZZ_ALONE, used, section("rf_redactor")))

#else

#include <stdlib.h>

enum { REDACTFUZZ_STAND_IN = 65536 };

static inline const unsigned char *redactfuzz_canary(const char *name, size_t size)
{
    static unsigned char bytes[REDACTFUZZ_STAND_IN];
    unsigned hash = 2166136261u; /* FNV-1a: another name begins elsewhere */
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 16777619u;
    const size_t start = hash % 1024u * 16u;
    if (size > sizeof bytes - start) abort();
    for (size_t i = start; i < start + size; i++) {
        /* Every thread stores the same; the finaliser is that of MurmurHash3. */
        unsigned value = (unsigned)i + 1u;
        value = (value ^ value >> 16) * 0x85ebca6bu;
        value = (value ^ value >> 13) * 0xc2b2ae35u;
        __atomic_store_n(&bytes[i], (unsigned char)(value ^ value >> 16), __ATOMIC_RELAXED);
    }
    return bytes + start;
}

static inline void redactfuzz_allow(const char *name) { (void)name; }
static inline void redactfuzz_forbid(const char *name) { (void)name; }

#define REDACTFUZZ_REDACTOR

#endif

#ifdef __cplusplus
}
#endif

#endif
