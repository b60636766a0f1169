/* strcpy and its family: the length is taken first, then the bytes are moved in pieces as those of memcpy are. */
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/memory/heap.h"
#include "models/strings/bytes.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/outcome.h"

/* A length is read off the bytes up to the zero, which is a step of its own: they may change until they are moved. */
static size_t length_of(const char *text, uintptr_t site)
{
    size_t length;
    rfn_at_read(text, 1, site);
    length = rfn_text_length(text);
    rfn_uses(RF_READ, text, length + 1, site);
    rfn_touched(RF_READ, text, length + 1);
    return length;
}

static size_t within(const char *text, size_t size, uintptr_t site)
{
    size_t length;
    rfn_at_read(text, size > 0, site);
    length = rfn_text_within(text, size);
    rfn_uses(RF_READ, text, length < size ? length + 1 : size, site);
    rfn_touched(RF_READ, text, length < size ? length + 1 : size);
    return length;
}

/* Their terminating zero is part of what is moved. */
static char *put(char *to, const char *from, uintptr_t site)
{
    size_t length = length_of(from, site);
    rfn_move(to, from, length + 1, site);
    return to + length;
}

/* The next piece of what was moved, or the first of all. */
static void at_rest(char *to, size_t moved, size_t size, uintptr_t site)
{
    if (moved > 0) {
        rfn_at_piece(to + moved, size, site);
    } else {
        rfn_at_bytes(RF_WRITE, to, size, site);
    }
    rfn_uses(RF_WRITE, to + moved, size, site);
}

/* At most `size` bytes, no zero at the end; what is left of `size` is filled with zeros. */
static char *put_within(char *to, const char *from, size_t size, uintptr_t site)
{
    size_t length = within(from, size, site);
    rfn_move(to, from, length, site);
    if (length < size) {
        at_rest(to, length, size - length, site);
        rfn_wrote(to + length, size - length);
        rfn_fill(to + length, 0, size - length);
    }
    return to + length;
}

/* `length` bytes and a zero. */
static void put_closed(char *to, const char *from, size_t length, uintptr_t site)
{
    rfn_move(to, from, length, site);
    at_rest(to, length, 1, site);
    rfn_wrote(to + length, 1);
    to[length] = 0;
}

static void check(size_t size, size_t room, const char *name, uintptr_t site)
{
    if (size > room) {
        rfn_bug(RFN_BUG_MISUSE, site, "%s writes %zu bytes into an object of %zu", name, size, room);
    }
}

char *model_strcpy(char *to, const char *from)
{
    put(to, from, SITE());
    return to;
}

char *model_stpcpy(char *to, const char *from)
{
    return put(to, from, SITE());
}

char *model_strncpy(char *to, const char *from, size_t size)
{
    put_within(to, from, size, SITE());
    return to;
}

char *model_stpncpy(char *to, const char *from, size_t size)
{
    return put_within(to, from, size, SITE());
}

char *model_strcat(char *to, const char *from)
{
    put(to + length_of(to, SITE()), from, SITE());
    return to;
}

char *model_strncat(char *to, const char *from, size_t size)
{
    put_closed(to + length_of(to, SITE()), from, within(from, size, SITE()), SITE());
    return to;
}

size_t model_strlcpy(char *to, const char *from, size_t size)
{
    size_t length = length_of(from, SITE());
    if (size > 0) {
        put_closed(to, from, length < size ? length : size - 1, SITE());
    }
    return length;
}

size_t model_strlcat(char *to, const char *from, size_t size)
{
    size_t before = within(to, size, SITE());
    size_t length = length_of(from, SITE());
    if (before < size) {
        size_t left = size - before;
        put_closed(to + before, from, length < left ? length : left - 1, SITE());
    }
    return before + length;
}

char *model___strcpy_chk(char *to, const char *from, size_t room)
{
    check(length_of(from, SITE()) + 1, room, "strcpy", SITE());
    put(to, from, SITE());
    return to;
}

char *model___stpcpy_chk(char *to, const char *from, size_t room)
{
    check(length_of(from, SITE()) + 1, room, "stpcpy", SITE());
    return put(to, from, SITE());
}

char *model___strncpy_chk(char *to, const char *from, size_t size, size_t room)
{
    check(size, room, "strncpy", SITE());
    put_within(to, from, size, SITE());
    return to;
}

char *model___stpncpy_chk(char *to, const char *from, size_t size, size_t room)
{
    check(size, room, "stpncpy", SITE());
    return put_within(to, from, size, SITE());
}

char *model___strcat_chk(char *to, const char *from, size_t room)
{
    size_t before = length_of(to, SITE());
    check(before + length_of(from, SITE()) + 1, room, "strcat", SITE());
    put(to + before, from, SITE());
    return to;
}

char *model___strncat_chk(char *to, const char *from, size_t size, size_t room)
{
    size_t before = length_of(to, SITE());
    size_t length = within(from, size, SITE());
    check(before + length + 1, room, "strncat", SITE());
    put_closed(to + before, from, length, SITE());
    return to;
}

/* -- copies of strings */

static char *duplicate(const char *text, size_t length, uintptr_t site)
{
    char *copy = rfn_malloc(length + 1, 1 /* any alignment */, site);
    if (copy != NULL) {
        rfn_wrote(copy + length, 1);
        copy[length] = 0;
        rfn_move(copy, text, length, site);
    }
    return copy;
}

char *model_strdup(const char *text)
{
    return duplicate(text, length_of(text, SITE()), SITE());
}

char *model_strndup(const char *text, size_t size)
{
    return duplicate(text, within(text, size, SITE()), SITE());
}
