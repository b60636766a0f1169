/* Thread-specific data: as in glibc, values in blocks of 32, and a sequence number beside each, because a key that was deleted
 * leaves what threads have set. They lie in what a core holds; that a key exists, and its destructor, in a table here. */
#include "models/threads/specific.h"

#include <errno.h>
#include <pthread.h>

#include "base/parts.h"
#include "memory/library.h"
#include "memory/memory.h"
#include "processor/aside.h"
#include "schedule/fiber.h"
#include "state/control.h"

enum {
    KEYS = 1024, /* PTHREAD_KEYS_MAX */
    ROUNDS = 4,  /* PTHREAD_DESTRUCTOR_ITERATIONS */
};

_Static_assert(KEYS == RFN_KEY_BLOCKS * RFN_KEY_BLOCK, "rfn_fiber has room for the values of every key");

typedef void destructor(void *);

typedef struct key {
    uintptr_t sequence; /* odd: it exists */
    destructor *destroy;
} key;

static RFN_STATE key keys[KEYS];
static RFN_STATE pthread_key_t used; /* those that ever existed are below */
/* What constructors of the program made: every execution begins with it. */
static key keys_at_load[KEYS];
static const void *values_at_load[KEYS];
static pthread_key_t used_at_load;

static int exists(pthread_key_t number)
{
    return number < used && (keys[number].sequence & 1) != 0;
}

/* NULL: nothing was set, in this block or before there are threads. */
static rfn_key_value *value_of(const rfn_fiber *fiber, pthread_key_t number)
{
    rfn_key_value *block = fiber->keys[number / RFN_KEY_BLOCK];
    return block == NULL ? NULL : &block[number % RFN_KEY_BLOCK];
}

static void set(rfn_fiber *fiber, pthread_key_t number, const void *value)
{
    rfn_key_value *to = value_of(fiber, number);
    if (to == NULL) {
        if (value == NULL) {
            return;
        }
        fiber->keys[number / RFN_KEY_BLOCK] = rfn_library(RFN_KEY_BLOCK * sizeof *to);
        to = value_of(fiber, number);
    }
    rfn_wrote(to, sizeof *to);
    *to = (rfn_key_value){keys[number].sequence, value};
    fiber->keyed = 1;
}

static int loaded(void *handle)
{
    (void)handle;
    used_at_load = used;
    for (pthread_key_t number = 0; number < used; number++) {
        keys_at_load[number] = keys[number];
    }
    return 1;
}

static void reset(void)
{
    for (pthread_key_t number = 0; number < used; number++) {
        keys[number] = keys_at_load[number];
    }
    used = used_at_load;
}

/* main begins with what constructors set. */
static void thread_starts(rfn_fiber *fiber)
{
    for (pthread_key_t number = 0; fiber->number == RFN_MAIN && number < used_at_load; number++) {
        set(fiber, number, values_at_load[number]);
    }
}

/* 1: a destructor was called. */
static int ends(pthread_key_t number)
{
    rfn_key_value *value = value_of(rfn_current, number);
    const void *data = value == NULL ? NULL : value->data;
    if (data == NULL) {
        return 0;
    }
    rfn_wrote(value, sizeof *value);
    value->data = NULL;
    if (value->sequence != keys[number].sequence || keys[number].destroy == NULL) {
        return 0;
    }
    rfn_call_program((void *)keys[number].destroy, (void *)(uintptr_t)data, NULL);
    return 1;
}

void rfn_keys_end(void)
{
    int again = rfn_current->keyed;
    for (int round = 0; round < ROUNDS && again; round++) {
        again = 0;
        for (pthread_key_t number = 0; number < used; number++) {
            again |= ends(number);
        }
    }
    for (pthread_key_t number = 0; again && number < used; number++) { /* destructors that set values again and again */
        set(rfn_current, number, NULL);
    }
}

int model_pthread_key_create(pthread_key_t *to, destructor *end)
{
    pthread_key_t number = 0;
    while (exists(number)) {
        number++;
    }
    if (number == KEYS) {
        return EAGAIN;
    }
    used = number < used ? used : number + 1;
    keys[number].sequence++;
    keys[number].destroy = end;
    rfn_wrote(to, sizeof *to);
    *to = number;
    return 0;
}

/* What older libstdc++ looks for when it asks whether there are threads. */

int model_pthread_key_delete(pthread_key_t number)
{
    if (!exists(number)) {
        return EINVAL;
    }
    keys[number].sequence++;
    return 0;
}

int model_pthread_setspecific(pthread_key_t number, const void *value)
{
    if (!exists(number)) {
        return EINVAL;
    }
    if (rfn_current == NULL) {
        values_at_load[number] = value;
    } else {
        set(rfn_current, number, value);
    }
    return 0;
}

void *model_pthread_getspecific(pthread_key_t number)
{
    const rfn_key_value *value;
    if (!exists(number)) {
        return NULL;
    }
    if (rfn_current == NULL) {
        return (void *)(uintptr_t)values_at_load[number];
    }
    value = value_of(rfn_current, number);
    return value == NULL || value->sequence != keys[number].sequence ? NULL : (void *)(uintptr_t)value->data;
}

RFN_PART(RFN_ON_MODELS_THREADS, specific, .loaded = loaded, .reset = reset, .thread_starts = thread_starts);
