/* A cipher keeps its key in a vector register while a batch lasts, and nowhere in memory: it wipes the key as soon as it is
 * loaded. From the end of a batch on the key must be gone.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <redactfuzz.h>
#include <stdatomic.h>
#include <string.h>

enum { KEY = 16, BLOCKS = 4 };

typedef unsigned char block __attribute__((vector_size(KEY), aligned(1), may_alias));

static atomic_uint text[2];
static atomic_int open_batches;

/* Byte by byte: memcpy would leave the key in other registers. */
static void load(volatile unsigned char *to, const volatile unsigned char *from)
{
    for (size_t i = 0; i < KEY; i++) to[i] = from[i];
}

/* No call into a library while the register holds the key: when it is bound lazily, at its first call, the dynamic linker saves
 * the vector registers on the stack and leaves them there.
 */
static void wipe(volatile unsigned char *memory)
{
    for (size_t i = 0; i < KEY; i++) memory[i] = 0;
}

/* The register that holds the key belongs to the cipher: the file is compiled without others that use it. */
static inline void key_into_register(const unsigned char *key)
{
    block value = *(const block *)key;
#if defined(__x86_64__)
    __asm__ volatile("movdqa %0, %%xmm15\n\tpxor %0, %0" : "+x"(value) : : "xmm15");
#elif defined(__aarch64__)
    __asm__ volatile("mov v31.16b, %0.16b\n\tmovi %0.2d, #0" : "+w"(value) : : "v31");
#endif
}

static inline unsigned round_key(void)
{
    unsigned low = 0;
#if defined(__x86_64__)
    __asm__ volatile("movd %%xmm15, %0" : "=r"(low));
#elif defined(__aarch64__)
    __asm__ volatile("umov %w0, v31.s[0]" : "=r"(low));
#endif
    return low & 0xffffu;
}

REDACTFUZZ_REDACTOR static void clear_register(void)
{
#if defined(__x86_64__)
    __asm__ volatile("pxor %%xmm15, %%xmm15" : : : "xmm15");
#elif defined(__aarch64__)
    __asm__ volatile("movi v31.2d, #0" : : : "v31");
#endif
}

static void encrypt(atomic_uint *block, const char *name)
{
    redactfuzz_allow(name);
    atomic_fetch_add(&open_batches, 1);
    unsigned char key[KEY];
    load(key, redactfuzz_canary(name, KEY));
    key_into_register(key);
    wipe(key);
    for (unsigned i = 0; i < BLOCKS; i++) atomic_fetch_xor(block, round_key() * (2u * i + 1u));
    clear_register();
    redactfuzz_forbid(name);
    atomic_fetch_sub(&open_batches, 1);
}

static void *eu(void *unused)
{
    encrypt(&text[0], "eu key");
    return unused;
}

static void *us(void *unused)
{
    encrypt(&text[1], "us key");
    return unused;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, eu, NULL);
    pthread_create(&second, NULL, us, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
