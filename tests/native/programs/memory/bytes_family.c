/* What mem* and str* do, whatever the length and the overlap. Must exit with 0. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static unsigned char *from, *to; /* on the stack, where an access is no event */

static void fill(void)
{
    for (int i = 0; i < 1024; i++) {
        from[i] = (unsigned char)(i * 7 + 1);
        to[i] = 0xee;
    }
}

static void check_copy(size_t size, int shift)
{
    fill();
    assert(memcpy(to + 8, from + shift, size) == to + 8);
    for (size_t i = 0; i < size; i++)
        assert(to[8 + i] == from[shift + i]);
    assert(to[7] == 0xee && to[8 + size] == 0xee);
}

static void check_move(size_t size, int distance)
{
    unsigned char before[1024];
    fill();
    for (int i = 0; i < 1024; i++)
        before[i] = from[i];
    assert(memmove(from + 300 + distance, from + 300, size) == from + 300 + distance);
    for (size_t i = 0; i < size; i++)
        assert(from[300 + distance + (int)i] == before[300 + i]);
    assert(from[300 + distance - 1] == before[300 + distance - 1]);
    assert(from[300 + distance + (int)size] == before[300 + distance + (int)size]);
}

int main(void)
{
    unsigned char one[1024], other[1024];
    char text[64] = "ab", small[4];
    from = one;
    to = other;
    for (size_t size = 0; size < 300; size += size < 20 ? 3 : 37) {
        check_copy(size, (int)size % 5);
        for (int distance = -70; distance <= 70; distance += 35)
            check_move(size, distance);
        fill();
        assert(memset(to, 'x', size) == to && to[size] == 0xee);
        for (size_t i = 0; i < size; i++)
            assert(to[i] == 'x');
        explicit_bzero(to, size);
        assert(size == 0 || (to[0] == 0 && to[size - 1] == 0));
    }
    fill();
    assert(mempcpy(to, from, 10) == to + 10);
    bzero(to, 5);
    assert(to[4] == 0 && to[5] == from[5]);
    assert(memccpy(to, "key=value", '=', 9) == to + 4 && memcmp(to, "key=", 4) == 0);
    assert(memccpy(to, "key", '=', 3) == NULL);

    assert(strcpy(text, "abc") == text && strcmp(text, "abc") == 0);
    assert(stpcpy(text, "four") == text + 4);
    assert(strcmp(strcat(text, " five"), "four five") == 0);
    assert(strcmp(strncat(text, "12345", 2), "four five12") == 0);
    memset(text, 'z', sizeof text);
    assert(strncpy(text, "abc", 6) == text && memcmp(text, "abc\0\0\0z", 7) == 0);
    assert(strncpy(text, "abcdef", 3) == text && memcmp(text, "abc\0\0\0z", 7) == 0);
    assert(stpncpy(text, "xy", 5) == text + 2);
    assert(strlcpy(small, "too long", sizeof small) == 8 && strcmp(small, "too") == 0);
    assert(strlcat(small, "more", sizeof small) == 7 && strcmp(small, "too") == 0);
    return 0;
}
