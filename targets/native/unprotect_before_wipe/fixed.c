/* A key lies in a page that core dumps leave out while it is in it. Afterwards the page is an ordinary one again. */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, KEY = 16 };

static atomic_uint signatures;

/* Byte by byte: memcpy would leave the key in vector registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < KEY; i++) to[i] = from[i];
}

REDACTFUZZ_REDACTOR static void wipe(unsigned char *page)
{
    explicit_bzero(page, KEY);
}

static void *serve(void *name)
{
    unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || madvise(page, PAGE, MADV_DONTDUMP) != 0) abort();
    load(page, redactfuzz_canary(name, KEY));
    const volatile unsigned char *key = page;
    atomic_fetch_add(&signatures, key[0] * 31u + key[KEY - 1]);
    wipe(page);
    madvise(page, PAGE, MADV_DODUMP);
    return NULL;
}

int main(void)
{
    pthread_t eu, us;
    pthread_create(&eu, NULL, serve, "eu key");
    pthread_create(&us, NULL, serve, "us key");
    pthread_join(eu, NULL);
    pthread_join(us, NULL);
    return 0;
}
