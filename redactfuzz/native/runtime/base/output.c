#include "base/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/os.h"

enum { LONGEST = 1024 /* of what is formatted at once */ };

static void put(rfn_output *to, const char *bytes, size_t size)
{
    while (size > 0) {
        size_t room = to->size - to->used;
        size_t now = size < room ? size : room;
        memcpy(to->bytes + to->used, bytes, now);
        to->used += now;
        bytes += now;
        size -= now;
        if (to->used == to->size) {
            rfn_flush(to);
        }
    }
}

void rfn_put(rfn_output *to, const char *words) { put(to, words, strlen(words)); }

void rfn_put_byte(rfn_output *to, char byte)
{
    to->bytes[to->used++] = byte;
    if (to->used == to->size) {
        rfn_flush(to);
    }
}

void rfn_print(rfn_output *to, const char *format, ...)
{
    char words[LONGEST];
    va_list arguments;
    int length;
    va_start(arguments, format);
    length = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= LONGEST) {
        rfn_internal("a text of %d bytes is longer than %d", length, (int)LONGEST);
    }
    put(to, words, (size_t)length);
}

int rfn_flush(rfn_output *to)
{
    to->failed |= rfn_os_write(to->file, to->bytes, to->used) != 0;
    to->used = 0;
    return to->failed ? -1 : 0;
}
