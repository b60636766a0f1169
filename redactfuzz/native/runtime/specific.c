/* Thread-specific data. A value lies in its thread's fiber; that a key exists, and its destructor, in a table here. */
#include <errno.h>
#include <pthread.h>

#include "aside.h"
#include "control.h"
#include "specific.h"
#include "memory.h"

enum {
    KEYS = 64,
    ROUNDS = 4, /* PTHREAD_DESTRUCTOR_ITERATIONS */
};

typedef void destructor(void *);

static uint64_t known;          /* keys that exist, a bit each */
static destructor *destroy[KEYS];
static uint64_t known_at_load;  /* keys that constructors of the program made: every execution begins with them */
static destructor *destroy_at_load[KEYS];
static const void *values_at_load[KEYS];

static const void **value_at(pthread_key_t key)
{
    return rfn_current == NULL ? &values_at_load[key] : &rfn_current->keys[key];
}

static uint64_t bit(pthread_key_t key)
{
    return UINT64_C(1) << key;
}

static int exists(pthread_key_t key)
{
    return key < KEYS && (known & bit(key)) != 0;
}

void rfn_keys_loaded(void)
{
    known_at_load = known;
    for (pthread_key_t key = 0; key < KEYS; key++) {
        destroy_at_load[key] = destroy[key];
    }
}

void rfn_keys_reset(void)
{
    uint64_t changed = known | known_at_load;
    for (pthread_key_t key = 0; changed != 0; key++, changed >>= 1) {
        destroy[key] = destroy_at_load[key];
    }
    known = known_at_load;
}

void rfn_keys_begin(rfn_fiber *fiber)
{
    if (fiber->number == RFN_MAIN && known_at_load != 0) {
        for (pthread_key_t key = 0; key < KEYS; key++) {
            fiber->keys[key] = values_at_load[key];
        }
        fiber->keyed = 1;
    }
}

void rfn_keys_end(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        int called = 0;
        for (pthread_key_t key = 0; known >> key != 0 && key < KEYS; key++) {
            const void *value = *value_at(key);
            if (!exists(key) || value == NULL || destroy[key] == NULL) {
                continue;
            }
            *value_at(key) = NULL;
            called = 1;
            rfn_call_program((void *)destroy[key], (void *)(uintptr_t)value, NULL);
        }
        if (!called) {
            return;
        }
    }
}

int model_pthread_key_create(pthread_key_t *key, destructor *end)
{
    pthread_key_t free_one = 0;
    while (free_one < KEYS && exists(free_one)) {
        free_one++;
    }
    if (free_one == KEYS) {
        return EAGAIN;
    }
    known |= bit(free_one);
    destroy[free_one] = end;
    /* An older key of this number may have left values. */
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        rfn_fibers[i].keys[free_one] = NULL;
    }
    rfn_wrote(key, sizeof *key);
    *key = free_one;
    return 0;
}

/* What older libstdc++ looks for when it asks whether there are threads. */
int model___pthread_key_create(pthread_key_t *key, destructor *end) __attribute__((alias("model_pthread_key_create")));

int model_pthread_key_delete(pthread_key_t key)
{
    if (!exists(key)) {
        return EINVAL;
    }
    known &= ~bit(key);
    return 0;
}

int model_pthread_setspecific(pthread_key_t key, const void *value)
{
    if (!exists(key)) {
        return EINVAL;
    }
    *value_at(key) = value;
    if (rfn_current != NULL) {
        rfn_current->keyed = 1;
    }
    return 0;
}

void *model_pthread_getspecific(pthread_key_t key)
{
    return exists(key) ? (void *)(uintptr_t)*value_at(key) : NULL;
}
