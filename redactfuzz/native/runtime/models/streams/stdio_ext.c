/* <stdio_ext.h>: what is asked about the buffer of a stream. */
#include <stdio.h>
#include <stdio_ext.h>

#include "models/streams/streams.h"
#include "schedule/point.h"

size_t model___fbufsize(FILE *file)
{
    const rfn_stream *stream = rfn_stream_at_unlocked(file, "__fbufsize", SITE());
    return stream->buffering == RFN_NONE ? 1 : stream->memory.kind == RFN_GROWS ? stream->memory.room : stream->room;
}

size_t model___fpending(FILE *file)
{
    const rfn_stream *stream = rfn_stream_at_unlocked(file, "__fpending", SITE());
    return stream->memory.kind == RFN_GROWS ? stream->memory.at : stream->reading ? 0 : stream->filled;
}

int model___freadable(FILE *file) { return rfn_stream_at_unlocked(file, "__freadable", SITE())->readable; }
int model___fwritable(FILE *file) { return rfn_stream_at_unlocked(file, "__fwritable", SITE())->writable; }
int model___flbf(FILE *file) { return rfn_stream_at_unlocked(file, "__flbf", SITE())->buffering == RFN_LINES; }

int model___freading(FILE *file)
{
    const rfn_stream *stream = rfn_stream_at_unlocked(file, "__freading", SITE());
    return !stream->writable || stream->reading;
}

int model___fwriting(FILE *file)
{
    const rfn_stream *stream = rfn_stream_at_unlocked(file, "__fwriting", SITE());
    return !stream->readable || (!stream->reading && stream->buffer != NULL);
}

/* The buffer keeps what it held. */
void model___fpurge(FILE *file)
{
    rfn_stream *stream = rfn_stream_at_unlocked(file, "__fpurge", SITE());
    if (stream->memory.kind == RFN_GROWS) {
        stream->memory.at = 0;
    }
    stream->filled = 0;
    stream->taken = 0;
    rfn_stream_unpush(stream, SITE());
}

int model___fsetlocking(FILE *file, int type)
{
    rfn_stream *stream = rfn_stream_at_unlocked(file, "__fsetlocking", SITE());
    int before = stream->by_caller ? FSETLOCKING_BYCALLER : FSETLOCKING_INTERNAL;
    if (type != FSETLOCKING_QUERY) {
        stream->by_caller = type == FSETLOCKING_BYCALLER;
    }
    return before;
}
