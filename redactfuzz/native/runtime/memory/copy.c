#include "memory/copy.h"

/* A word at any address, of any type. */
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

/* Keeps the compiler from making a call to memcpy, memset or strlen out of a loop that is one. */
#define PLAIN() __asm__ volatile("")

void rfn_copy(void *to, const void *from, size_t size)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    for (; size >= sizeof(word); size -= sizeof(word), out += sizeof(word), in += sizeof(word)) {
        *(word *)out = *(const word *)in;
        PLAIN();
    }
    for (; size > 0; size--) {
        *out++ = *in++;
        PLAIN();
    }
}

void rfn_fill(void *to, int value, size_t size)
{
    uint8_t *out = to;
    uint64_t many = UINT64_C(0x0101010101010101) * (uint8_t)value;
    for (; size >= sizeof(word); size -= sizeof(word), out += sizeof(word)) {
        *(word *)out = many;
        PLAIN();
    }
    for (; size > 0; size--) {
        *out++ = (uint8_t)value;
        PLAIN();
    }
}

size_t rfn_text_within(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length] != 0) {
        length++;
        PLAIN();
    }
    return length;
}

size_t rfn_text_length(const char *text)
{
    return rfn_text_within(text, SIZE_MAX);
}

int rfn_text_same(const char *one, const char *other)
{
    while (*one != 0 && *one == *other) {
        one++;
        other++;
        PLAIN();
    }
    return *one == *other;
}
