/* Bytes, strings and lines through streams. An event on the stream; and one on the program's bytes. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/memory/heap.h"
#include "models/streams/streams.h"
#include "models/strings/bytes.h"
#include "models/threads/sync.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/outcome.h"

extern FILE *model_stdin, *model_stdout;

enum { LINE = 120 /* what getline allocates at first */ };

static rfn_stream *to_write(FILE *file, rfn_stream_call *at, const void *bytes, size_t size, const char *call, uintptr_t site)
{
    rfn_cancellation_point(site);
    if (size > 0) {
        rfn_at_read(bytes, size, site);
    }
    return rfn_stream_at_writing(file, at, call, site);
}

/* The program may have laid another stream there. */
static FILE *standard_output(void)
{
    rfn_touched(RF_READ, &model_stdout, sizeof model_stdout);
    return model_stdout;
}

static rfn_stream *to_read(FILE *file, rfn_stream_call *at, const char *call, uintptr_t site)
{
    rfn_stream *stream;
    rfn_cancellation_point(site);
    stream = at(file, call, site);
    rfn_touched_all(); /* what is read may come from anywhere */
    return stream;
}

/* -- out */

static size_t wrote(const void *bytes, size_t each, size_t count, FILE *file, rfn_stream_call *at, uintptr_t site)
{
    rfn_stream *stream;
    size_t size;
    if (each == 0 || count == 0 || __builtin_mul_overflow(each, count, &size)) {
        return 0;
    }
    stream = to_write(file, at, bytes, size, "fwrite", site);
    rfn_touched(RF_READ, bytes, size);
    return rfn_stream_put(stream, bytes, size, site) / each;
}

size_t model_fwrite(const void *bytes, size_t each, size_t count, FILE *file)
{
    return wrote(bytes, each, count, file, rfn_stream_at, SITE());
}

size_t model_fwrite_unlocked(const void *bytes, size_t each, size_t count, FILE *file)
{
    return wrote(bytes, each, count, file, rfn_stream_at_unlocked, SITE());
}

/* How long it is, is read off where it is written. */
static rfn_stream *to_write_text(FILE *file, rfn_stream_call *at, const char *text, size_t *size, const char *call, uintptr_t site)
{
    rfn_stream *stream = to_write(file, at, text, 1, call, site);
    *size = rfn_text_length(text);
    rfn_touched(RF_READ, text, *size + 1);
    return stream;
}

static int put_text(const char *text, FILE *file, rfn_stream_call *at, uintptr_t site)
{
    size_t size;
    rfn_stream *stream = to_write_text(file, at, text, &size, "fputs", site);
    return rfn_stream_put(stream, text, size, site) == size ? 1 : EOF;
}

int model_fputs(const char *text, FILE *file) { return put_text(text, file, rfn_stream_at, SITE()); }
int model_fputs_unlocked(const char *text, FILE *file) { return put_text(text, file, rfn_stream_at_unlocked, SITE()); }

int model_puts(const char *text)
{
    size_t size;
    rfn_stream *stream = to_write_text(standard_output(), rfn_stream_at, text, &size, "puts", SITE());
    return rfn_stream_put(stream, text, size, SITE()) == size && rfn_stream_put(stream, "\n", 1, SITE()) == 1
               ? (size < INT_MAX ? (int)size + 1 : INT_MAX) : EOF;
}

static int put_byte(int value, FILE *file, rfn_stream_call *at, uintptr_t site)
{
    uint8_t byte = (uint8_t)value;
    return rfn_stream_put(to_write(file, at, NULL, 0, "fputc", site), &byte, 1, site) == 1 ? byte : EOF;
}

int model_fputc(int value, FILE *file) { return put_byte(value, file, rfn_stream_at, SITE()); }
int model_fputc_unlocked(int value, FILE *file) { return put_byte(value, file, rfn_stream_at_unlocked, SITE()); }
int model___overflow(FILE *file, int value) { return put_byte(value, file, rfn_stream_at_unlocked, SITE()); }
int model_putchar(int value) { return put_byte(value, standard_output(), rfn_stream_at, SITE()); }
int model_putchar_unlocked(int value) { return put_byte(value, standard_output(), rfn_stream_at_unlocked, SITE()); }

/* -- in */

static size_t got(void *bytes, size_t each, size_t count, FILE *file, rfn_stream_call *at, uintptr_t site)
{
    size_t size;
    if (each == 0 || count == 0 || __builtin_mul_overflow(each, count, &size)) {
        return 0;
    }
    rfn_at_bytes(RF_WRITE, bytes, size, site);
    return rfn_stream_get(to_read(file, at, "fread", site), bytes, size, site) / each;
}

size_t model_fread(void *bytes, size_t each, size_t count, FILE *file) { return got(bytes, each, count, file, rfn_stream_at, SITE()); }
size_t model_fread_unlocked(void *bytes, size_t each, size_t count, FILE *file)
{
    return got(bytes, each, count, file, rfn_stream_at_unlocked, SITE());
}

static int next(FILE *file, rfn_stream_call *at, uintptr_t site)
{
    return rfn_stream_next(to_read(file, at, "fgetc", site), site);
}

int model_fgetc(FILE *file) { return next(file, rfn_stream_at, SITE()); }
int model_fgetc_unlocked(FILE *file) { return next(file, rfn_stream_at_unlocked, SITE()); }
int model_getchar(void) { return next(model_stdin, rfn_stream_at, SITE()); }
int model_getchar_unlocked(void) { return next(model_stdin, rfn_stream_at_unlocked, SITE()); }

int model_ungetc(int value, FILE *file)
{
    rfn_stream *stream = rfn_stream_at(file, "ungetc", SITE());
    rfn_touched_all();
    if (value == EOF || !rfn_stream_push(stream, (uint8_t)value, SITE())) {
        return EOF;
    }
    rfn_wrote(&file->_flags, sizeof file->_flags);
    file->_flags &= ~0x10; /* _IO_EOF_SEEN */
    return (uint8_t)value;
}

static char *got_line(char *text, int size, FILE *file, rfn_stream_call *at, uintptr_t site)
{
    rfn_stream *stream;
    int length = 0;
    rfn_at_bytes(RF_WRITE, text, size > 0 ? (size_t)size : 1, site);
    stream = to_read(file, at, "fgets", site);
    if (size <= 0) {
        return NULL;
    }
    while (length < size - 1) {
        int byte = rfn_stream_next(stream, site);
        if (byte == EOF) {
            break;
        }
        rfn_wrote(text + length, 1);
        text[length++] = (char)byte;
        if (byte == '\n') {
            break;
        }
    }
    if (length == 0) {
        return NULL;
    }
    rfn_wrote(text + length, 1);
    text[length] = 0;
    return text;
}

char *model_fgets(char *text, int size, FILE *file) { return got_line(text, size, file, rfn_stream_at, SITE()); }
char *model_fgets_unlocked(char *text, int size, FILE *file) { return got_line(text, size, file, rfn_stream_at_unlocked, SITE()); }
char *model___fgets_chk(char *text, size_t room, int size, FILE *file)
{
    if (size > 0 && (size_t)size > room) {
        rfn_bug(RFN_BUG_MISUSE, SITE(), "fgets reads up to %d bytes into an object of %zu", size, room);
    }
    return got_line(text, size, file, rfn_stream_at, SITE());
}

/* The buffer doubles: what it held before stays in a freed block. */
static ssize_t got_until(char **text, size_t *room, int end, FILE *file, uintptr_t site)
{
    rfn_stream *stream = to_read(file, rfn_stream_at, "getline", site);
    size_t length = 0;
    int byte = 0;
    if (text == NULL || room == NULL) {
        errno = EINVAL;
        return -1;
    }
    rfn_wrote(text, sizeof *text);
    rfn_wrote(room, sizeof *room);
    if (*text == NULL) {
        *room = 0;
    }
    while (byte != end && (byte = rfn_stream_next(stream, site)) != EOF) {
        if (length + 2 > *room) {
            size_t larger = 2 * *room > LINE ? 2 * *room : LINE;
            char *moved = rfn_reallocate(*text, larger, site);
            if (moved == NULL) {
                return -1;
            }
            *text = moved;
            *room = larger;
        }
        rfn_wrote(*text + length, 2);
        (*text)[length++] = (char)byte;
        (*text)[length] = 0;
    }
    return length == 0 ? -1 : (ssize_t)length;
}

ssize_t model_getline(char **text, size_t *room, FILE *file) { return got_until(text, room, '\n', file, SITE()); }
ssize_t model_getdelim(char **text, size_t *room, int end, FILE *file) { return got_until(text, room, end, file, SITE()); }
