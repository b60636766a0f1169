/* Streams over memory of the program's: fmemopen, with a buffer like any other, and open_memstream, which has what was
 * written where it will be handed over, and moves it when there is no room. Both as glibc has them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "memory/copy.h"
#include "memory/memory.h"
#include "models/memory/heap.h"
#include "models/streams/streams.h"
#include "schedule/point.h"

enum { COOKIE = 48 /* what glibc allocates for fmemopen beside the stream */ };

static void put_byte(char *at, char byte)
{
    rfn_wrote(at, 1);
    *at = byte;
}

static size_t least(size_t one, size_t other) { return one < other ? one : other; }

/* -- fmemopen */

ssize_t rfn_memory_write(rfn_stream *stream, const uint8_t *bytes, size_t size)
{
    rfn_stream_memory *memory = &stream->memory;
    size_t at = stream->appends ? memory->end : memory->at;
    int ends = size == 0 || bytes[size - 1] != 0;
    if (at + size > memory->room) {
        if (at + (size_t)ends >= memory->room) {
            errno = ENOSPC;
            return 0;
        }
        size = memory->room - at;
    }
    rfn_wrote(memory->bytes + at, size);
    rfn_copy(memory->bytes + at, bytes, size);
    memory->at = at + size;
    if (memory->at > memory->end) {
        memory->end = memory->at;
        if (ends && (memory->end < memory->room || !stream->appends)) {
            put_byte(memory->bytes + (memory->end < memory->room ? memory->end : memory->room - 1), 0);
        }
    }
    return (ssize_t)size;
}

ssize_t rfn_memory_read(rfn_stream *stream, void *bytes, size_t size)
{
    rfn_stream_memory *memory = &stream->memory;
    size = memory->at > memory->end ? 0 : least(size, memory->end - memory->at);
    rfn_wrote(bytes, size);
    rfn_copy(bytes, memory->bytes + memory->at, size);
    memory->at += size;
    return (ssize_t)size;
}

FILE *model_fmemopen(void *bytes, size_t size, const char *mode)
{
    int flags = rfn_stream_mode(mode);
    int own = bytes == NULL;
    void *cookie = flags < 0 ? NULL : rfn_allocate(COOKIE, SITE());
    rfn_stream *stream;
    if (cookie == NULL) {
        return NULL;
    }
    bytes = own ? rfn_allocate(size, SITE()) : bytes;
    stream = bytes == NULL ? NULL : rfn_stream_open(-1, flags, SITE());
    if (stream == NULL) {
        rfn_release(own ? bytes : NULL, SITE());
        rfn_release(cookie, SITE());
        return NULL;
    }
    if (size > 0 && (own || (mode[0] == 'w' && (flags & O_ACCMODE) == O_RDWR))) {
        put_byte(bytes, 0);
    }
    stream->memory = (rfn_stream_memory){.kind = RFN_FIXED, .bytes = bytes, .room = size, .cookie = cookie, .own = (uint8_t)own};
    stream->memory.end = mode[0] == 'r' ? size : mode[0] == 'a' ? strnlen(bytes, size) : 0;
    stream->memory.at = mode[0] == 'a' ? stream->memory.end : 0;
    return stream->file;
}

/* -- open_memstream */

static int grow(rfn_stream_memory *memory, size_t least_room, uintptr_t site)
{
    while (memory->room < least_room) {
        size_t room = 2 * memory->room + 100;
        char *bytes = rfn_allocate(room, site);
        if (bytes == NULL) {
            return 0;
        }
        rfn_wrote(bytes, room);
        rfn_copy(bytes, memory->bytes, memory->room);
        rfn_fill(bytes + memory->room, 0, room - memory->room);
        rfn_release(memory->bytes, site); /* it keeps what it held */
        memory->bytes = bytes;
        memory->room = room;
    }
    return 1;
}

size_t rfn_memory_put(rfn_stream *stream, const uint8_t *bytes, size_t size, uintptr_t site)
{
    rfn_stream_memory *memory = &stream->memory;
    if (!grow(memory, memory->at + size, site)) {
        return 0;
    }
    rfn_wrote(memory->bytes + memory->at, size);
    rfn_copy(memory->bytes + memory->at, bytes, size);
    memory->at += size;
    return size;
}

static void publish(const rfn_stream_memory *memory)
{
    rfn_wrote(memory->location, sizeof *memory->location);
    *memory->location = memory->bytes;
    rfn_wrote(memory->length, sizeof *memory->length);
    *memory->length = memory->at;
}

int rfn_memory_flush(rfn_stream *stream, uintptr_t site)
{
    if (!grow(&stream->memory, stream->memory.at + 1, site)) { /* for the 0 behind it */
        return EOF;
    }
    publish(&stream->memory);
    return 0;
}

FILE *model_open_memstream(char **location, size_t *length)
{
    rfn_stream *stream = rfn_stream_open(-1, O_WRONLY, SITE());
    char *bytes = stream == NULL ? NULL : rfn_allocate(BUFSIZ, SITE());
    if (stream == NULL) {
        return NULL;
    }
    if (bytes == NULL) {
        rfn_stream_close(stream, SITE());
        return NULL;
    }
    rfn_wrote(bytes, BUFSIZ);
    rfn_fill(bytes, 0, BUFSIZ);
    stream->memory =
        (rfn_stream_memory){.kind = RFN_GROWS, .bytes = bytes, .room = BUFSIZ, .location = location, .length = length};
    return stream->file;
}

/* -- both */

int rfn_memory_seek(rfn_stream *stream, off_t offset, int whence, uintptr_t site)
{
    rfn_stream_memory *memory = &stream->memory;
    /* The end of what grows is where it stands. */
    int here = whence == SEEK_CUR || memory->kind == RFN_GROWS;
    off_t from = whence == SEEK_SET ? 0 : (off_t)(here ? memory->at : memory->end);
    off_t to = from + offset;
    if (whence < SEEK_SET || whence > SEEK_END || to < 0 || (memory->kind == RFN_FIXED && (size_t)to > memory->room)) {
        errno = EINVAL;
        return -1;
    }
    if (memory->kind == RFN_GROWS && !grow(memory, (size_t)to, site)) {
        return -1;
    }
    memory->at = (size_t)to;
    return 0;
}

void rfn_memory_close(rfn_stream *stream, uintptr_t site)
{
    rfn_stream_memory memory = stream->memory;
    stream->memory = (rfn_stream_memory){.kind = RFN_NO_MEMORY};
    if (memory.kind == RFN_FIXED) {
        rfn_release(memory.own ? memory.bytes : NULL, site);
        rfn_release(memory.cookie, site);
    } else if (memory.kind == RFN_GROWS) {
        memory.bytes = rfn_reallocate(memory.bytes, memory.at + 1, site);
        if (memory.bytes != NULL) {
            put_byte(memory.bytes + memory.at, 0);
        }
        publish(&memory);
    }
}
