/* A ring of session keys that grows when two sessions overlap. A key may be in memory while its session lasts. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 16, GROWTH = 4 };

struct slot {
    size_t used;
    unsigned char key[KEY];
};

struct ring {
    size_t capacity;
    size_t reserved;
    struct slot slots[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct ring *ring;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void copy(volatile unsigned char *to, const volatile unsigned char *from, size_t size)
{
    for (size_t i = 0; i < size; i++) to[i] = from[i];
}

REDACTFUZZ_REDACTOR static void wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

static size_t size_of(size_t capacity)
{
    return sizeof(struct ring) + capacity * sizeof(struct slot);
}

static void grow(void)
{
    size_t old = ring->capacity;
    struct ring *larger = malloc(size_of(GROWTH * old));
    if (!larger) abort();
    copy((unsigned char *)larger, (const unsigned char *)ring, size_of(old));
    wipe(ring, size_of(old));
    free(ring);
    memset(&larger->slots[old], 0, (GROWTH - 1) * old * sizeof(struct slot));
    larger->capacity = GROWTH * old;
    ring = larger;
}

static size_t begin(const unsigned char *key)
{
    pthread_mutex_lock(&lock);
    size_t place = 0;
    while (place < ring->capacity && ring->slots[place].used) place++;
    if (place == ring->capacity) grow();
    ring->slots[place].used = 1;
    copy(ring->slots[place].key, key, KEY);
    pthread_mutex_unlock(&lock);
    return place;
}

static void end(size_t place)
{
    pthread_mutex_lock(&lock);
    wipe(ring->slots[place].key, KEY);
    ring->slots[place].used = 0;
    pthread_mutex_unlock(&lock);
}

static void *serve(void *name)
{
    redactfuzz_allow(name);
    size_t place = begin(redactfuzz_canary(name, KEY));
    end(place);
    redactfuzz_forbid(name);
    return NULL;
}

int main(void)
{
    ring = calloc(1, size_of(1));
    if (!ring) return 1;
    ring->capacity = 1;
    char *service = strdup("sessions"); /* lies behind the ring, which cannot grow in place */
    if (!service) return 1;
    pthread_t eu, us;
    pthread_create(&eu, NULL, serve, "eu key");
    pthread_create(&us, NULL, serve, "us key");
    pthread_join(eu, NULL);
    pthread_join(us, NULL);
    free(service);
    return 0;
}
