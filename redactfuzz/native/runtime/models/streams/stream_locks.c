/* Locks of streams. A call is one step, so it takes none unless it waits for its descriptor; it waits where another thread has one. */
#include <stddef.h>

#include "base/parts.h"
#include "choices/event.h"
#include "models/memory/heap.h"
#include "models/streams/streams.h"
#include "schedule/point.h"

static uint16_t mark(void) { return (uint16_t)(rfn_current == NULL ? 0 : rfn_current->number + 1); }

int rfn_stream_is_kept(const rfn_stream *stream)
{
    return (stream->holder != 0 && stream->holder != mark()) || (stream->busy != 0 && stream->busy != mark());
}

static const rfn_stream *stream_with(const void *object)
{
    const rfn_stream *stream;
    for (uint32_t i = 0; (stream = rfn_stream_number(i)) != NULL; i++) {
        if (stream->file != NULL && rfn_stream_object(stream) == object) {
            return stream;
        }
    }
    return NULL;
}

static int is_free(const void *object)
{
    const rfn_stream *stream = stream_with(object);
    return stream == NULL || (stream->holder == 0 && stream->busy == 0);
}

static uint32_t holder(const void *object)
{
    const rfn_stream *stream = stream_with(object);
    uint16_t held = stream == NULL ? 0 : stream->holder != 0 ? stream->holder : stream->busy;
    return held == 0 ? RFN_THREADS : held - 1u;
}

static const rfn_condition free_stream = {.can = is_free, .name = "a stream", .holder = holder};

/* No RF_ACQUIRE: what the call does when it goes on is not the lock alone. */
static void await(const rfn_stream *stream, uintptr_t site)
{
    rfn_when(&free_stream, rfn_stream_object(stream), RF_RMW, site, RFN_FOREVER);
}

rfn_stream *rfn_stream_at(FILE *file, const char *call, uintptr_t site)
{
    rfn_stream *stream = rfn_stream_at_unlocked(file, call, site);
    while (!stream->by_caller && rfn_stream_is_kept(stream)) {
        await(stream, site);
        stream = rfn_stream_of(file, call, site);
    }
    return stream;
}

/* With the first text a stream gets its buffer. */
rfn_stream *rfn_stream_at_writing(FILE *file, rfn_stream_call *at, const char *call, uintptr_t site)
{
    rfn_stream *stream;
    do {
        stream = at(file, call, site);
    } while (stream->buffer == NULL && stream->buffering != RFN_NONE && rfn_heap_await(site));
    return stream;
}

void rfn_streams_await(uintptr_t site)
{
    const rfn_stream *stream;
    for (uint32_t i = 0; (stream = rfn_stream_number(i)) != NULL; i++) {
        while (stream->file != NULL && !stream->by_caller && rfn_stream_is_kept(stream)) {
            await(stream, site);
        }
    }
}

void rfn_stream_lock(rfn_stream *stream)
{
    stream->holder = mark();
    stream->locks++;
}

void rfn_stream_unlock(rfn_stream *stream)
{
    if (stream->holder == mark() && --stream->locks == 0) {
        stream->holder = 0;
        rfn_changed(rfn_stream_object(stream));
    }
}

void rfn_streams_inherited(void)
{
    rfn_stream *stream;
    for (uint32_t i = 0; (stream = rfn_stream_number(i)) != NULL; i++) {
        stream->holder = stream->busy = 0;
        stream->locks = 0;
    }
}

void rfn_stream_keep(rfn_stream *stream) { stream->busy = mark(); }

void rfn_stream_let_go(rfn_stream *stream)
{
    stream->busy = 0;
    rfn_changed(rfn_stream_object(stream));
}

static void thread_leaves(void)
{
    rfn_stream *stream;
    for (uint32_t i = 0; (stream = rfn_stream_number(i)) != NULL; i++) {
        if (stream->busy == mark()) {
            rfn_stream_let_go(stream);
        }
    }
}

RFN_PART(RFN_ON_MODELS_STREAMS, stream_locks, .thread_leaves = thread_leaves);
