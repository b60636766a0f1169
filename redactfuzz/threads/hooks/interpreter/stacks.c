#include "interpreter/stacks.h"

#include <Python.h>
#include <pthread.h>

/* CHUNK is DATA_STACK_CHUNK_SIZE of CPython's pystate.c, 3.11 to 3.13; other sizes (pymalloc's arenas) pass through.
 * KEPT is more than a scenario has threads; what is over goes back to the system. */
enum { CHUNK = 16 * 1024, KEPT = 32 };

static PyObjectArenaAllocator below;
/* Only ever tried: where it cannot be had (another thread, or one that was holding it at a fork) the system serves. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *kept[KEPT];
static int count, keeping;

static void *take(void *ctx, size_t size)
{
    void *chunk = NULL;
    if (size == CHUNK && pthread_mutex_trylock(&lock) == 0) {
        if (count)
            chunk = kept[--count];
        pthread_mutex_unlock(&lock);
    }
    return chunk ? chunk : below.alloc(below.ctx, size);
}

static void give(void *ctx, void *chunk, size_t size)
{
    if (size == CHUNK && pthread_mutex_trylock(&lock) == 0) {
        if (keeping && count < KEPT) {
            kept[count++] = chunk;
            chunk = NULL;
        }
        pthread_mutex_unlock(&lock);
    }
    if (chunk)
        below.free(below.ctx, chunk, size);
}

int rfh_stacks_install(void)
{
    PyObjectArenaAllocator now;
    PyObject_GetArenaAllocator(&now);
    keeping = 1;
    if (now.alloc == take || below.alloc) /* ours already, or below somebody else's */
        return 0;
    below = now;
    PyObject_SetArenaAllocator(&(PyObjectArenaAllocator){NULL, take, give});
    return 0;
}

void rfh_stacks_remove(void)
{
    pthread_mutex_lock(&lock);
    keeping = 0;
    while (count)
        below.free(below.ctx, kept[--count], CHUNK);
    pthread_mutex_unlock(&lock);
    PyObjectArenaAllocator now;
    PyObject_GetArenaAllocator(&now);
    if (now.alloc == take) {
        PyObject_SetArenaAllocator(&below);
        below = (PyObjectArenaAllocator){NULL, NULL, NULL};
    }
}
