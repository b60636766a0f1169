/* Each tenant's key is loaded into a page of its own that core dumps leave out. */
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

/* Rather no service than a key in a core. */
REDACTFUZZ_REDACTOR static void protect(unsigned char *page)
{
    if (madvise(page, PAGE, MADV_DONTDUMP) != 0) abort();
}

static void *serve(void *name)
{
    unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) abort();
    load(page, redactfuzz_canary(name, KEY));
    protect(page);
    const volatile unsigned char *key = page;
    atomic_fetch_add(&signatures, key[0] * 31u + key[KEY - 1]);
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
