/* stdio: streams with a buffer in the program's heap, where what passed through stays. What was not flushed is lost with
 * the process.
 *
 * A FILE of the program is memory in its heap (the three standard ones are ours) that holds nothing but what inline
 * functions of <stdio.h> look at: no room in the buffer, so that they call us.
 */
#ifndef RFN_STREAMS_H
#define RFN_STREAMS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "schedule/fiber.h"

enum { RFN_PUSHED = 128 /* bytes that ungetc takes at most */ };

typedef enum rfn_buffering { RFN_FULL, RFN_LINES, RFN_NONE } rfn_buffering;

typedef enum rfn_memory_kind { RFN_NO_MEMORY, RFN_FIXED, RFN_GROWS } rfn_memory_kind;

/* Memory of the program's in place of a descriptor: fmemopen (RFN_FIXED), open_memstream (RFN_GROWS). */
typedef struct rfn_stream_memory {
    char *bytes;
    size_t room, at;
    size_t end;       /* RFN_FIXED: behind what was written, or can be read */
    void *cookie;     /* RFN_FIXED: what lies beside it in the heap */
    char **location;  /* RFN_GROWS: where the program looks for it */
    size_t *length;
    uint8_t kind; /* rfn_memory_kind */
    uint8_t own;  /* it is ours to free */
} rfn_stream_memory;

typedef struct rfn_stream {
    FILE *file;      /* NULL: closed */
    int fd;
    uint8_t buffering; /* rfn_buffering */
    uint8_t readable, writable, appends;
    uint8_t reading; /* the buffer holds what was read; else what waits to be written */
    uint8_t own;     /* the buffer is ours to free */
    uint8_t by_caller; /* __fsetlocking: calls do not take its lock */
    uint16_t holder; /* 1 + number of the thread that has locked it; 0: none */
    uint16_t busy;   /* the same of one whose call waits for its descriptor, which keeps the others out */
    uint32_t locks;  /* times that its holder has: flockfile */
    char *buffer;    /* NULL: none yet */
    size_t room;
    size_t filled;   /* bytes in the buffer */
    size_t taken;    /* of them were given to the program */
    char *pushed;    /* ungetc: bytes in the heap, as glibc's "backup area"; the next one to be read is pushed[RFN_PUSHED - pushed_count] */
    uint32_t pushed_count;
    rfn_stream_memory memory;
} rfn_stream;

/* exit, fflush(NULL). */
int rfn_streams_flush(uintptr_t site);

/* The stream behind a FILE; the event of a call on it, which waits while another thread has locked it; the same of one that does
 * not (*_unlocked). A FILE that is none ends the execution (misuse). */
typedef rfn_stream *rfn_stream_call(FILE *file, const char *call, uintptr_t site);
rfn_stream_call rfn_stream_of, rfn_stream_at, rfn_stream_at_unlocked;

/* The same of one that will write, and must not be interrupted: others do not go on until it has done so, but where it waits for a pipe. */
rfn_stream *rfn_stream_at_writing(FILE *file, rfn_stream_call *at, const char *call, uintptr_t site);

/* Those that there are, closed ones as well; NULL: no more. Where one stands at scheduling points. */
rfn_stream *rfn_stream_number(uint32_t number);
const void *rfn_stream_object(const rfn_stream *stream);

/* -- locks (stream_locks.c) */

/* flockfile, of the current thread that has passed rfn_stream_at, and funlockfile. */
void rfn_stream_lock(rfn_stream *stream);
void rfn_stream_unlock(rfn_stream *stream);
/* A call begins to wait, or may; it has ended. */
void rfn_stream_keep(rfn_stream *stream);
void rfn_stream_let_go(rfn_stream *stream);
int rfn_stream_is_kept(const rfn_stream *stream); /* by another thread */
/* Until no stream is locked by another thread, each in its turn: fflush(NULL). */
void rfn_streams_await(uintptr_t site);
/* In a child of fork: nobody has locked any, as glibc has it. */
void rfn_streams_inherited(void);

/* Through the buffer. How many bytes were taken; less: errno, and the stream's error is set. */
size_t rfn_stream_put(rfn_stream *stream, const void *bytes, size_t size, uintptr_t site);
int rfn_stream_flush(rfn_stream *stream, uintptr_t site); /* 0, or EOF */
/* The next byte, or EOF. */
int rfn_stream_next(rfn_stream *stream, uintptr_t site);
/* Gives a byte back to be read again. 0: there is no room. */
int rfn_stream_push(rfn_stream *stream, uint8_t byte, uintptr_t site);
/* What was given back is forgotten. */
void rfn_stream_unpush(rfn_stream *stream, uintptr_t site);
size_t rfn_stream_get(rfn_stream *stream, void *bytes, size_t size, uintptr_t site);
/* Gives back what was read ahead, and what was written. */
int rfn_stream_settle(rfn_stream *stream, uintptr_t site);

rfn_stream *rfn_stream_open(int fd, int flags, uintptr_t site);
int rfn_stream_close(rfn_stream *stream, uintptr_t site);
/* Streams over memory: as write() and read() of a file, and of open_memstream all that is put. */
ssize_t rfn_memory_write(rfn_stream *stream, const uint8_t *bytes, size_t size);
ssize_t rfn_memory_read(rfn_stream *stream, void *bytes, size_t size);
size_t rfn_memory_put(rfn_stream *stream, const uint8_t *bytes, size_t size, uintptr_t site);
int rfn_memory_flush(rfn_stream *stream, uintptr_t site);
int rfn_memory_seek(rfn_stream *stream, off_t offset, int whence, uintptr_t site);
void rfn_memory_close(rfn_stream *stream, uintptr_t site);
/* The flags of open() for a mode of fopen(); -1: EINVAL. */
int rfn_stream_mode(const char *mode);

#endif
