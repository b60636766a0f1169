#include "models/streams/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/parts.h"
#include "choices/event.h"
#include "memory/copy.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/files/alone.h"
#include "models/files/descriptors.h"
#include "models/memory/heap.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "state/objects.h"
#include "state/outcome.h"

enum {
    STREAMS = 512,
    STANDARD = 3,
    BUFFER = 4096,   /* st_blksize of files, as glibc takes it */
    FILE_SIZE = 552, /* what glibc allocates for a stream: struct _IO_FILE and what lies behind */
    ENDED = 0x10,    /* _IO_EOF_SEEN and _IO_ERR_SEEN: feof_unlocked is inline */
    FAILED = 0x20,
};

static RFN_STATE FILE standard[STANDARD];
/* Data of libc's that programs refer to by name. */
RFN_STATE FILE *model_stdin = &standard[0];
RFN_STATE FILE *model_stdout = &standard[1];
RFN_STATE FILE *model_stderr = &standard[2];

static RFN_STATE rfn_stream streams[STREAMS];
static RFN_STATE uint32_t count; /* 0: nothing was used in this execution */

static void reset(void)
{
    if (count > 0) {
        memset(standard, 0, sizeof standard);
    }
    memset(streams, 0, count * sizeof streams[0]);
    count = 0;
    model_stdin = &standard[0];
    model_stdout = &standard[1];
    model_stderr = &standard[2];
}

/* stdout leads into a file or a pipe, as in a service: it is fully buffered. */
static void begin(void)
{
    if (count > 0) {
        return;
    }
    count = STANDARD;
    for (int fd = 0; fd < STANDARD; fd++) {
        streams[fd] = (rfn_stream){.file = &standard[fd], .fd = fd, .readable = fd == 0, .writable = fd != 0,
                                   .buffering = fd == 2 ? RFN_NONE : RFN_FULL};
    }
}

rfn_stream *rfn_stream_of(FILE *file, const char *call, uintptr_t site)
{
    begin();
    for (uint32_t i = 0; i < count; i++) {
        if (streams[i].file == file && file != NULL) {
            return &streams[i];
        }
    }
    rfn_bug(RFN_BUG_MISUSE, site, "%s on a stream that is closed, or never was one", call);
}

rfn_stream *rfn_stream_number(uint32_t number)
{
    return number < count ? &streams[number] : NULL;
}

/* Read off the FILE alone: which stream that is others may change until it is this thread's turn. */
static const void *object_of(const FILE *file)
{
    return file >= standard && file < standard + STANDARD ? RFN_OBJECT(RFN_STREAM + (file - standard)) : (const void *)file;
}

const void *rfn_stream_object(const rfn_stream *stream) { return object_of(stream->file); }

/* A stream is told with the files, into which most of them lead. What it leads to beside that may be anything. */
static void tell(const rfn_stream *stream)
{
    if (rfn.reduces && (stream->memory.kind != RFN_NO_MEMORY || !rfn_is_file(stream->fd))) {
        rfn_touched_all();
    }
}

rfn_stream *rfn_stream_at_unlocked(FILE *file, const char *call, uintptr_t site)
{
    rfn_stream *stream;
    rfn_at_alone(object_of(file), site);
    stream = rfn_stream_of(file, call, site);
    tell(stream);
    return stream;
}

static void set_flag(rfn_stream *stream, int flag)
{
    rfn_wrote(&stream->file->_flags, sizeof stream->file->_flags);
    stream->file->_flags |= flag;
}

static int ensure_buffer(rfn_stream *stream, uintptr_t site)
{
    if (stream->buffer == NULL) {
        stream->room = stream->memory.kind == RFN_NO_MEMORY ? BUFFER : BUFSIZ;
        stream->buffer = rfn_allocate(stream->room, site);
        stream->own = 1;
    }
    return stream->buffer != NULL;
}

/* -- writing */

static size_t write_all(rfn_stream *stream, const uint8_t *bytes, size_t size, uintptr_t site)
{
    size_t done = 0;
    rfn_stream_keep(stream);
    while (done < size) {
        ssize_t now = stream->memory.kind == RFN_FIXED ? rfn_memory_write(stream, bytes + done, size - done)
                                                       : rfn_fd_write(stream->fd, bytes + done, size - done, site);
        tell(stream); /* it may have waited */
        done += now > 0 ? (size_t)now : 0;
        if (now <= 0 || (stream->memory.kind == RFN_FIXED && done < size)) { /* what does not fit is not tried again */
            set_flag(stream, FAILED);
            break;
        }
    }
    rfn_stream_let_go(stream);
    return done;
}

int rfn_stream_flush(rfn_stream *stream, uintptr_t site)
{
    size_t size = stream->filled;
    if (stream->memory.kind == RFN_GROWS) {
        return rfn_memory_flush(stream, site);
    }
    if (stream->reading || size == 0) {
        return 0;
    }
    stream->filled = 0; /* the buffer still holds it */
    rfn_touched(RF_READ, stream->buffer, stream->own ? 0 : size);
    return write_all(stream, (const uint8_t *)stream->buffer, size, site) == size ? 0 : EOF;
}

int rfn_streams_flush(uintptr_t site)
{
    int result = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (streams[i].file != NULL && rfn_stream_flush(&streams[i], site) != 0) {
            result = EOF;
        }
    }
    return result;
}

static size_t into_buffer(rfn_stream *stream, const uint8_t *bytes, size_t size)
{
    size_t left = stream->room - stream->filled;
    size = size < left ? size : left;
    rfn_wrote(stream->buffer + stream->filled, size);
    rfn_copy(stream->buffer + stream->filled, bytes, size);
    stream->filled += size;
    return size;
}

static int has_line_end(const uint8_t *bytes, size_t size)
{
    return memchr(bytes, '\n', size) != NULL;
}

/* As glibc: what fits goes into the buffer; of what does not, whole buffers are written from where they lie. */
size_t rfn_stream_put(rfn_stream *stream, const void *from, size_t size, uintptr_t site)
{
    const uint8_t *bytes = from;
    size_t done = 0;
    if (size == 0) {
        return 0;
    }
    if (!stream->writable) {
        set_flag(stream, FAILED);
        errno = EBADF;
        return 0;
    }
    if (stream->memory.kind == RFN_GROWS) {
        done = rfn_memory_put(stream, bytes, size, site);
        if (done < size) {
            set_flag(stream, FAILED);
        }
        return done;
    }
    if (stream->reading) {
        rfn_stream_settle(stream, site);
    }
    if (stream->buffering == RFN_NONE) {
        return write_all(stream, bytes, size, site);
    }
    if (stream->buffer != NULL) {
        done = into_buffer(stream, bytes, size);
    }
    if (done < size) {
        size_t direct;
        if (!ensure_buffer(stream, site) || rfn_stream_flush(stream, site) != 0) {
            set_flag(stream, FAILED);
            return done;
        }
        direct = (size - done) / stream->room * stream->room;
        if (direct > 0) {
            size_t written = write_all(stream, bytes + done, direct, site);
            done += written;
            if (written < direct) {
                return done;
            }
        }
        done += into_buffer(stream, bytes + done, size - done);
    }
    if (stream->buffering == RFN_LINES && has_line_end(bytes, size) && rfn_stream_flush(stream, site) != 0) {
        return 0;
    }
    return done;
}

/* -- reading */

static int refill(rfn_stream *stream, uintptr_t site)
{
    ssize_t got;
    size_t size;
    if (!stream->readable) {
        set_flag(stream, FAILED);
        errno = EBADF;
        return 0;
    }
    if (!stream->reading && rfn_stream_flush(stream, site) != 0) {
        return 0;
    }
    stream->reading = 1;
    stream->filled = 0;
    stream->taken = 0;
    if (!ensure_buffer(stream, site)) {
        return 0;
    }
    size = stream->buffering == RFN_NONE ? 1 : stream->room;
    rfn_stream_keep(stream);
    got = stream->memory.kind == RFN_FIXED ? rfn_memory_read(stream, stream->buffer, size)
                                           : rfn_fd_read(stream->fd, stream->buffer, size, site);
    rfn_stream_let_go(stream);
    tell(stream);
    if (got <= 0) {
        set_flag(stream, got == 0 ? ENDED : FAILED);
        return 0;
    }
    stream->filled = (size_t)got;
    return 1;
}

int rfn_stream_next(rfn_stream *stream, uintptr_t site)
{
    if (stream->pushed_count > 0) {
        return (uint8_t)stream->pushed[RFN_PUSHED - stream->pushed_count--];
    }
    if ((!stream->reading || stream->taken == stream->filled) && !refill(stream, site)) {
        return EOF;
    }
    return (uint8_t)stream->buffer[stream->taken++];
}

/* As glibc: what was just read is unread where it lies, anything else goes to a place of its own. */
int rfn_stream_push(rfn_stream *stream, uint8_t byte, uintptr_t site)
{
    char *at;
    if (stream->pushed_count == 0 && stream->reading && stream->taken > 0
        && (uint8_t)stream->buffer[stream->taken - 1] == byte) {
        stream->taken--;
        return 1;
    }
    if (stream->pushed == NULL) {
        stream->pushed = rfn_allocate(RFN_PUSHED, site);
    }
    if (stream->pushed == NULL || stream->pushed_count == RFN_PUSHED) {
        return 0;
    }
    at = stream->pushed + RFN_PUSHED - ++stream->pushed_count;
    rfn_wrote(at, 1);
    *at = (char)byte;
    return 1;
}

void rfn_stream_unpush(rfn_stream *stream, uintptr_t site)
{
    rfn_release(stream->pushed, site);
    stream->pushed = NULL;
    stream->pushed_count = 0;
}

size_t rfn_stream_get(rfn_stream *stream, void *to, size_t size, uintptr_t site)
{
    uint8_t *out = to;
    size_t done = 0;
    rfn_wrote(to, size);
    while (done < size) {
        size_t left;
        if (stream->pushed_count == 0 && stream->reading && stream->taken < stream->filled) {
            left = stream->filled - stream->taken;
            left = left < size - done ? left : size - done;
            rfn_copy(out + done, stream->buffer + stream->taken, left);
            stream->taken += left;
            done += left;
        } else {
            int byte = rfn_stream_next(stream, site);
            if (byte == EOF) {
                break;
            }
            out[done++] = (uint8_t)byte;
        }
    }
    return done;
}

int rfn_stream_settle(rfn_stream *stream, uintptr_t site)
{
    rfn_open *open = stream->memory.kind == RFN_NO_MEMORY ? rfn_open_of(stream->fd) : NULL;
    int result = rfn_stream_flush(stream, site);
    if (stream->reading) {
        stream->memory.at -= stream->memory.kind == RFN_FIXED ? stream->filled - stream->taken : 0;
        if (open != NULL && open->file->kind == RFN_REGULAR) {
            open->offset -= stream->filled - stream->taken;
        }
        stream->reading = 0;
        stream->filled = 0;
        stream->taken = 0;
    }
    rfn_stream_unpush(stream, site);
    return result;
}

/* -- opening and closing */

rfn_stream *rfn_stream_open(int fd, int flags, uintptr_t site)
{
    rfn_stream *stream;
    FILE *file;
    uint32_t i = STANDARD;
    begin();
    file = rfn_allocate(FILE_SIZE, site); /* meanwhile others may open and close some */
    while (i < count && streams[i].file != NULL) {
        i++;
    }
    if (file == NULL || i == STREAMS) {
        rfn_release(file, site);
        errno = ENOMEM;
        return NULL;
    }
    count = i >= count ? i + 1 : count;
    rfn_wrote(file, sizeof *file);
    rfn_fill(file, 0, sizeof *file); /* what lies behind keeps what it held */
    file->_fileno = fd;
    stream = &streams[i];
    *stream = (rfn_stream){.file = file, .fd = fd, .readable = (flags & O_ACCMODE) != O_WRONLY,
                           .writable = (flags & O_ACCMODE) != O_RDONLY, .appends = (flags & O_APPEND) != 0};
    return stream;
}

/* Buffer and FILE are freed, and keep what they held. */
int rfn_stream_close(rfn_stream *stream, uintptr_t site)
{
    int result = rfn_stream_settle(stream, site);
    FILE *file = stream->file;
    char *buffer = stream->own ? stream->buffer : NULL;
    if (stream->memory.kind != RFN_NO_MEMORY) {
        rfn_memory_close(stream, site);
    } else if (rfn_fd_close(stream->fd) != 0) {
        result = EOF;
    }
    memset(stream, 0, sizeof *stream);
    rfn_release(buffer, site);
    if (file < standard || file >= standard + STANDARD) {
        rfn_release(file, site);
    }
    return result;
}

static void exits(uintptr_t site) { rfn_streams_flush(site); }

RFN_PART(RFN_ON_MODELS_STREAMS, streams, .reset = reset, .exits = exits);
