/* memcpy, memset and their family, in pieces: a crash may strike between two of them. Real implementations store 16 bytes at once in
 * their baseline, and up to 64 bytes a round in what is longer, so a short range is cut finer than a long one. Here they work
 * upwards (memmove downwards where it must). glibc's need not: 2.41 writes the last bytes of a long range first. The certificate
 * says that copies are assumed to work upwards.
 *
 * The events of a copy, one for each range, both come before the effect. */
#include "models/strings/bytes.h"

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/given.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "memory/writers.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/outcome.h"

enum {
    SHORT = 16,       /* a piece of what is up to FINE bytes long, and what is never cut */
    PIECE = RFN_LINE, /* a piece of what is longer */
    FINE = 128,
};

/* A word at any address, of any type. */
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

/* Keeps the compiler from making a call to memcpy, memset or strlen out of a loop that is one. */
#define PLAIN() __asm__ volatile("")

static void copy_down(uint8_t *to, const uint8_t *from, size_t size)
{
    while (size >= sizeof(word)) {
        size -= sizeof(word);
        *(word *)(to + size) = *(const word *)(from + size);
        PLAIN();
    }
    while (size > 0) {
        size--;
        to[size] = from[size];
        PLAIN();
    }
}

/* -- in pieces */

static inline size_t piece_of(size_t size)
{
    return size <= FINE ? SHORT : PIECE;
}

void rfn_at_read(const void *bytes, size_t size, uintptr_t site)
{
    const rfn_fiber *fiber = rfn_current;
    if (size > 0 && fiber != NULL && rfn_is_program(bytes) &&
        (uintptr_t)bytes - fiber->base >= fiber->shared_from - fiber->base) {
        rfn_reads((uintptr_t)bytes, size);
        rfn_touched(RF_READ, bytes, size); /* how many they are may have been read off them */
        rfn_at_range(RF_READ, bytes, size, site);
    }
}

/* Marked as a whole; who wrote it is noted when it is done. */
static inline void wrote(const void *to, size_t size)
{
    if (!rfn_tracing) {
        rfn_wrote(to, size);
    }
}

static inline void wrote_piece(const void *to, size_t size)
{
    if (rfn_tracing) {
        rfn_wrote(to, size);
    }
}

static void move_up(uint8_t *to, const uint8_t *from, size_t size, uintptr_t site)
{
    size_t piece = piece_of(size);
    for (size_t done = 0; done < size; done += piece) {
        size_t now = size - done < piece ? size - done : piece;
        if (done > 0) {
            rfn_at_piece(to + done, now, site);
        }
        wrote_piece(to + done, now);
        rfn_touched(RF_READ, from + done, now);
        rfn_copy(to + done, from + done, now);
    }
}

static void move_down(uint8_t *to, const uint8_t *from, size_t size, uintptr_t site)
{
    size_t piece = piece_of(size);
    for (size_t left = size; left > 0;) {
        size_t now = left < piece ? left : piece;
        if (left < size) {
            rfn_at_piece(to + left - now, now, site);
        }
        left -= now;
        wrote_piece(to + left, now);
        rfn_touched(RF_READ, from + left, now);
        copy_down(to + left, from + left, now);
    }
}

static void uses_both(const void *to, const void *from, size_t size, uintptr_t site)
{
    rfn_uses(RF_READ, from, size, site);
    rfn_uses(RF_WRITE, to, size, site);
}

void rfn_move(void *to, const void *from, size_t size, uintptr_t site)
{
    if (size == 0) {
        return;
    }
    rfn_at_read(from, size, site);
    rfn_at_range(RF_WRITE, to, size, site);
    uses_both(to, from, size, site);
    wrote(to, size);
    move_up(to, from, size, site);
}

static void move_either(void *to, const void *from, size_t size, uintptr_t site)
{
    if ((uintptr_t)to - (uintptr_t)from >= size) { /* unsigned: also when it lies below */
        rfn_move(to, from, size, site);
        return;
    }
    rfn_at_read(from, size, site);
    rfn_at_range(RF_WRITE, to, size, site);
    uses_both(to, from, size, site);
    wrote(to, size);
    if (to != from) {
        move_down(to, from, size, site);
    }
}

static void fill(void *to, int value, size_t size, uintptr_t site)
{
    size_t piece = piece_of(size);
    if (size == 0) {
        return;
    }
    rfn_at_range(RF_WRITE, to, size, site);
    rfn_uses(RF_WRITE, to, size, site);
    wrote(to, size);
    for (size_t done = 0; done < size; done += piece) {
        size_t now = size - done < piece ? size - done : piece;
        if (done > 0) {
            rfn_at_piece((uint8_t *)to + done, now, site);
        }
        wrote_piece((uint8_t *)to + done, now);
        rfn_fill((uint8_t *)to + done, value, now);
    }
}

/* -- what the program calls */

void *model_memcpy(void *to, const void *from, size_t size)
{
    rfn_move(to, from, size, SITE());
    return to;
}

void *model_mempcpy(void *to, const void *from, size_t size)
{
    rfn_move(to, from, size, SITE());
    return (uint8_t *)to + size;
}

void *model_memmove(void *to, const void *from, size_t size)
{
    move_either(to, from, size, SITE());
    return to;
}

void model_bcopy(const void *from, void *to, size_t size)
{
    move_either(to, from, size, SITE());
}

void *model_memset(void *to, int value, size_t size)
{
    fill(to, value, size, SITE());
    return to;
}

/* What clang calls, from 15 on, where it copies and fills by itself. */

void model_bzero(void *to, size_t size)
{
    fill(to, 0, size, SITE());
}

void *model_memccpy(void *to, const void *from, int stop, size_t size)
{
    const uint8_t *bytes = from;
    size_t length = 0;
    rfn_at_read(from, size > 0, SITE());
    while (length < size && bytes[length] != (uint8_t)stop) {
        length++;
        PLAIN();
    }
    rfn_touched(RF_READ, from, length < size ? length + 1 : size);
    if (length == size) {
        rfn_move(to, from, size, SITE());
        return NULL;
    }
    rfn_move(to, from, length + 1, SITE());
    return (uint8_t *)to + length + 1;
}

/* -- wide characters */

/* So many take more room than any memory has, where the count cannot be told in bytes. */
static size_t wide(size_t count) { return count > SIZE_MAX / sizeof(wchar_t) ? SIZE_MAX / 2 : count * sizeof(wchar_t); }

wchar_t *model_wmemcpy(wchar_t *to, const wchar_t *from, size_t count)
{
    rfn_move(to, from, wide(count), SITE());
    return to;
}

wchar_t *model_wmempcpy(wchar_t *to, const wchar_t *from, size_t count)
{
    rfn_move(to, from, wide(count), SITE());
    return to + count;
}

wchar_t *model_wmemmove(wchar_t *to, const wchar_t *from, size_t count)
{
    move_either(to, from, wide(count), SITE());
    return to;
}

/* In pieces where all bytes are to be the same, as in a wipe. */
wchar_t *model_wmemset(wchar_t *to, wchar_t value, size_t count)
{
    uint8_t byte = (uint8_t)value;
    if ((uint32_t)value == byte * UINT32_C(0x01010101)) {
        fill(to, byte, wide(count), SITE());
    } else if (count > 0) {
        rfn_at_range(RF_WRITE, to, wide(count), SITE());
        rfn_uses(RF_WRITE, to, wide(count), SITE());
        rfn_wrote(to, wide(count));
        for (size_t i = 0; i < count; i++) {
            to[i] = value;
            PLAIN();
        }
    }
    return to;
}

/* -- _FORTIFY_SOURCE, where a library's header insists on it: the real ones end the process */

#define CHECK(size, room)                                                                                           \
    do {                                                                                                            \
        if ((size) > (room)) {                                                                                      \
            rfn_bug(RFN_BUG_MISUSE, SITE(), "%s writes %zu bytes into an object of %zu", __func__ + sizeof "model_" - 1, \
                    (size), (room));                                                                                \
        }                                                                                                           \
    } while (0)

void *model___memcpy_chk(void *to, const void *from, size_t size, size_t room)
{
    CHECK(size, room);
    rfn_move(to, from, size, SITE());
    return to;
}

void *model___mempcpy_chk(void *to, const void *from, size_t size, size_t room)
{
    CHECK(size, room);
    rfn_move(to, from, size, SITE());
    return (uint8_t *)to + size;
}

void *model___memmove_chk(void *to, const void *from, size_t size, size_t room)
{
    CHECK(size, room);
    move_either(to, from, size, SITE());
    return to;
}

void *model___memset_chk(void *to, int value, size_t size, size_t room)
{
    CHECK(size, room);
    fill(to, value, size, SITE());
    return to;
}

void model___explicit_bzero_chk(void *to, size_t size, size_t room)
{
    CHECK(size, room);
    fill(to, 0, size, SITE());
}
