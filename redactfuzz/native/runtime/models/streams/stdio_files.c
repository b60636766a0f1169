/* fopen, fclose, fflush, fseek and what else concerns a stream as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>

#include "choices/event.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/files/alone.h"
#include "models/files/descriptors.h"
#include "models/memory/heap.h"
#include "models/streams/streams.h"
#include "models/threads/sync.h"
#include "schedule/point.h"
#include "state/objects.h"

enum { ENDED = 0x10, FAILED = 0x20 };

int rfn_stream_mode(const char *mode)
{
    int plus = 0, exclusive = 0, flags;
    char first = mode[0];
    if (first != 'r' && first != 'w' && first != 'a') {
        errno = EINVAL;
        return -1;
    }
    for (mode++; *mode != 0 && *mode != ','; mode++) {
        plus |= *mode == '+';
        exclusive |= *mode == 'x';
    }
    flags = plus ? O_RDWR : first == 'r' ? O_RDONLY : O_WRONLY;
    flags |= first == 'w' ? O_CREAT | O_TRUNC : first == 'a' ? O_CREAT | O_APPEND : 0;
    return exclusive ? flags | O_EXCL : flags;
}

static FILE *opened(const char *path, const char *mode, uintptr_t site)
{
    rfn_stream *stream;
    int flags, fd;
    rfn_cancellation_point(site);
    rfn_at_files(site);
    rfn_touched_name(path);
    rfn_touched_name(mode);
    flags = rfn_stream_mode(mode);
    fd = flags < 0 ? -1 : rfn_fd_open(path, flags, 0666, site);
    if (fd < 0) {
        return NULL;
    }
    stream = rfn_stream_open(fd, flags, site);
    if (stream == NULL) {
        rfn_fd_close(fd);
        return NULL;
    }
    return stream->file;
}

FILE *model_fopen(const char *path, const char *mode) { return opened(path, mode, SITE()); }

FILE *model_fdopen(int fd, const char *mode)
{
    rfn_stream *stream;
    int flags;
    rfn_at(RF_RMW, rfn_fd_object(fd), SITE());
    flags = rfn_stream_mode(mode);
    stream = flags < 0 || rfn_open_of(fd) == NULL ? NULL : rfn_stream_open(fd, flags, SITE());
    return stream == NULL ? NULL : stream->file;
}

/* The FILE stays; without a path only the mode would change, and nothing does. */
FILE *model_freopen(const char *path, const char *mode, FILE *file)
{
    rfn_stream *stream = rfn_stream_at(file, "freopen", SITE());
    int flags = rfn_stream_mode(mode);
    int fd;
    rfn_touched_name(mode);
    if (path != NULL) {
        rfn_touched_name(path);
    }
    rfn_stream_settle(stream, SITE());
    if (path == NULL) {
        return file;
    }
    fd = flags < 0 ? -1 : rfn_fd_open(path, flags, 0666, SITE());
    if (fd < 0) {
        rfn_stream_close(stream, SITE());
        return NULL;
    }
    if (stream->memory.kind != RFN_NO_MEMORY) {
        rfn_memory_close(stream, SITE());
        stream->fd = fd;
    } else {
        rfn_fd_replace(fd, stream->fd);
        rfn_fd_close(fd);
    }
    stream->readable = (flags & O_ACCMODE) != O_WRONLY;
    stream->writable = (flags & O_ACCMODE) != O_RDONLY;
    rfn_wrote(&file->_flags, sizeof file->_flags);
    file->_flags &= ~(ENDED | FAILED);
    return file;
}

int model_fclose(FILE *file)
{
    rfn_cancellation_point(SITE());
    return rfn_stream_close(rfn_stream_at(file, "fclose", SITE()), SITE());
}

static int flushed(FILE *file, rfn_stream_call *at, uintptr_t site)
{
    rfn_cancellation_point(site);
    if (file == NULL) {
        rfn_at(RF_RMW, RFN_OBJECT(RFN_DIRECTORIES), site);
        rfn_streams_await(site);
        return rfn_streams_flush(site);
    }
    return rfn_stream_flush(at(file, "fflush", site), site);
}

int model_fflush(FILE *file) { return flushed(file, rfn_stream_at, SITE()); }
int model_fflush_unlocked(FILE *file) { return flushed(file, rfn_stream_at_unlocked, SITE()); }

static int sought(FILE *file, off_t offset, int whence, uintptr_t site)
{
    rfn_stream *stream = rfn_stream_at(file, "fseek", site);
    int over_memory = stream->memory.kind != RFN_NO_MEMORY;
    rfn_open *open = over_memory ? NULL : rfn_open_of(stream->fd);
    off_t from;
    if (rfn_stream_settle(stream, site) != 0 || (open == NULL && !over_memory)) {
        return -1;
    }
    if (over_memory) {
        if (rfn_memory_seek(stream, offset, whence, site) != 0) {
            return -1;
        }
        rfn_wrote(&file->_flags, sizeof file->_flags);
        file->_flags &= ~ENDED;
        return 0;
    }
    if (open->file->kind != RFN_REGULAR) {
        errno = ESPIPE;
        return -1;
    }
    from = whence == SEEK_SET ? 0 : (off_t)(whence == SEEK_CUR ? open->offset : open->file->size);
    if (whence < SEEK_SET || whence > SEEK_END || from + offset < 0) {
        errno = EINVAL;
        return -1;
    }
    open->offset = (size_t)(from + offset);
    rfn_wrote(&file->_flags, sizeof file->_flags);
    file->_flags &= ~ENDED;
    return 0;
}

int model_fseek(FILE *file, long offset, int whence) { return sought(file, offset, whence, SITE()); }

void model_rewind(FILE *file)
{
    sought(file, 0, SEEK_SET, SITE());
    rfn_wrote(&file->_flags, sizeof file->_flags);
    file->_flags &= ~FAILED;
}

static off_t position(FILE *file, uintptr_t site)
{
    const rfn_stream *stream = rfn_stream_at(file, "ftell", site);
    int over_memory = stream->memory.kind != RFN_NO_MEMORY;
    const rfn_open *open = over_memory ? NULL : rfn_open_of(stream->fd);
    off_t at;
    if (open == NULL && !over_memory) {
        return -1;
    }
    if (open != NULL && open->file->kind != RFN_REGULAR) {
        errno = ESPIPE;
        return -1;
    }
    if (open == NULL) {
        at = (off_t)stream->memory.at;
    } else {
        at = (off_t)(stream->appends && !stream->reading && stream->filled > 0 ? open->file->size : open->offset);
    }
    return stream->reading ? at - (off_t)(stream->filled - stream->taken) - (off_t)stream->pushed_count
                           : at + (off_t)stream->filled;
}

long model_ftell(FILE *file) { return position(file, SITE()); }

/* -- what it is */

static int has_flag(FILE *file, int flag, rfn_stream_call *at, const char *call, uintptr_t site)
{
    at(file, call, site);
    return (file->_flags & flag) != 0;
}

int model_feof(FILE *file) { return has_flag(file, ENDED, rfn_stream_at, "feof", SITE()); }
int model_ferror(FILE *file) { return has_flag(file, FAILED, rfn_stream_at, "ferror", SITE()); }
int model_feof_unlocked(FILE *file) { return has_flag(file, ENDED, rfn_stream_at_unlocked, "feof", SITE()); }
int model_ferror_unlocked(FILE *file) { return has_flag(file, FAILED, rfn_stream_at_unlocked, "ferror", SITE()); }

void model_clearerr(FILE *file)
{
    rfn_stream_at(file, "clearerr", SITE());
    rfn_wrote(&file->_flags, sizeof file->_flags);
    file->_flags &= ~(ENDED | FAILED);
}

static int number(FILE *file, uintptr_t site)
{
    int fd = rfn_stream_of(file, "fileno", site)->fd;
    rfn_touched_object(RF_READ, RFN_TOUCHED_FILES);
    if (fd < 0) { /* it leads into memory */
        errno = EBADF;
    }
    return fd;
}

int model_fileno(FILE *file) { return number(file, SITE()); }

static int buffered(FILE *file, char *buffer, int mode, size_t size, uintptr_t site)
{
    rfn_stream *stream = rfn_stream_at(file, "setvbuf", site);
    if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF) {
        return EOF;
    }
    if (stream->memory.kind == RFN_GROWS) {
        return 0;
    }
    rfn_stream_flush(stream, site);
    stream->buffering = mode == _IONBF ? RFN_NONE : mode == _IOLBF ? RFN_LINES : RFN_FULL;
    if (mode != _IONBF && buffer != NULL && size > 0 && !stream->reading) {
        if (stream->own) {
            rfn_release(stream->buffer, site);
        }
        stream->own = 0;
        stream->buffer = buffer;
        stream->room = size;
    }
    return 0;
}

int model_setvbuf(FILE *file, char *buffer, int mode, size_t size) { return buffered(file, buffer, mode, size, SITE()); }

void model_setbuf(FILE *file, char *buffer)
{
    buffered(file, buffer, buffer == NULL ? _IONBF : _IOFBF, BUFSIZ, SITE());
}

void model_setbuffer(FILE *file, char *buffer, size_t size)
{
    buffered(file, buffer, buffer == NULL ? _IONBF : _IOFBF, size, SITE());
}

void model_setlinebuf(FILE *file)
{
    buffered(file, NULL, _IOLBF, 0, SITE());
}

/* -- locks: of the thread, as often as it likes. Others wait for them, and have to do with whatever its holder does. */

void model_flockfile(FILE *file)
{
    rfn_stream *stream = rfn_stream_at(file, "flockfile", SITE());
    rfn_touched_all();
    rfn_stream_lock(stream);
}

int model_ftrylockfile(FILE *file)
{
    rfn_stream *stream = rfn_stream_at_unlocked(file, "ftrylockfile", SITE());
    rfn_touched_all();
    if (rfn_stream_is_kept(stream)) {
        return EBUSY;
    }
    rfn_stream_lock(stream);
    return 0;
}

void model_funlockfile(FILE *file)
{
    rfn_stream *stream = rfn_stream_at_unlocked(file, "funlockfile", SITE());
    rfn_touched_all();
    rfn_stream_unlock(stream);
}
