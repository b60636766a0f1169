/* A signer with OpenSSL: the service that vulnerable.c and fixed.c share.
 *
 * What OpenSSL allocates for a key lies in that key's arena. A registry lists the arenas that the crash handler cleanses; then
 * the kernel dumps.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { KEYS = 2, THREADS = 3, BITS = 2048, DER = 1220, SIGNATURE = BITS / 8 };

/* -- memory: every key has an arena, and what belongs to no key has one. OpenSSL calls these functions while it holds locks of
 * its own: they wait for nobody, and no other thread can come in between.
 */

enum { COMMON = KEYS, ARENA = 1 << 20, HEADER = 16 };
#ifdef __clang__ /* whose no_sanitize leaves hooks in atomics */
#define UNSEEN __attribute__((disable_sanitizer_instrumentation))
#else
#define UNSEEN __attribute__((no_sanitize("thread")))
#endif

typedef size_t __attribute__((may_alias)) block_size;

static _Alignas(HEADER) unsigned char arenas[KEYS + 1][ARENA];
static size_t used[KEYS + 1];
static __thread int key_of_thread; /* whose arena: 0 is the common one, else the number of the key and 1 */

UNSEEN static void *key_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    const int number = key_of_thread == 0 ? COMMON : key_of_thread - 1;
    const size_t whole = (HEADER + size + HEADER - 1) / HEADER * HEADER;
    const size_t start = __atomic_fetch_add(&used[number], whole, __ATOMIC_RELAXED);
    if (start + whole > ARENA) abort();
    unsigned char *block = &arenas[number][start];
    *(block_size *)block = size;
    return block + HEADER;
}

UNSEEN static void key_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    if (memory) OPENSSL_cleanse(memory, *(block_size *)((unsigned char *)memory - HEADER));
}

UNSEEN static void *key_realloc(void *memory, size_t size, const char *file, int line)
{
    if (!memory) return key_malloc(size, file, line);
    const size_t old = *(block_size *)((unsigned char *)memory - HEADER);
    volatile unsigned char *larger = key_malloc(size, file, line);
    for (size_t i = 0; i < old && i < size; i++) larger[i] = ((unsigned char *)memory)[i];
    key_free(memory, file, line);
    return (void *)larger;
}

/* -- the registry, and the crash handler that goes by it */

static atomic_int listed[KEYS];
static atomic_int dying;
static atomic_int using_keys[THREADS]; /* threads inside of OpenSSL, with keys that must not go away meanwhile */
static sem_t left; /* somebody may have come out */
static __thread size_t self;

static void end_use(void)
{
    atomic_store(&using_keys[self], 0);
    if (atomic_load(&dying)) sem_post(&left);
}

static void begin_use(void)
{
    atomic_store(&using_keys[self], 1);
    while (atomic_load(&dying)) {
        end_use();
        pause();
    }
}

REDACTFUZZ_REDACTOR static void redact(void)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (atomic_load(&listed[i])) OPENSSL_cleanse(arenas[i], ARENA);
    }
}

static void on_crash(int number)
{
    int second = atomic_exchange(&dying, 1);
    end_use(); /* this thread does not come back */
    while (second) pause();
    for (size_t i = 0; i < THREADS; i++) {
        while (atomic_load(&using_keys[i])) sem_wait(&left);
    }
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

/* -- keys */

struct key {
    int number;
    const char *name;
    EVP_PKEY *pkey;
};

static struct key keys[KEYS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int active;

/* Copies and OpenSSL leave what they worked on in vector registers, which new threads inherit and a core holds. */
static void clear_vector_registers(void)
{
#if defined(__x86_64__)
#define CLEAR(n) "vpxord %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"
    if (__builtin_cpu_supports("avx")) {
        __asm__ volatile("vzeroall" : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                         "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    }
    if (__builtin_cpu_supports("avx512f")) { /* the compiler uses none of these */
        __asm__ volatile(CLEAR(16) CLEAR(17) CLEAR(18) CLEAR(19) CLEAR(20) CLEAR(21) CLEAR(22) CLEAR(23)
                         CLEAR(24) CLEAR(25) CLEAR(26) CLEAR(27) CLEAR(28) CLEAR(29) CLEAR(30) CLEAR(31) : :);
    }
#else
    static const unsigned char nothing[DER];
    static unsigned char room[DER];
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    copy(room, nothing, DER);
#endif
}

static void load(int number, const char *name)
{
    atomic_store(&listed[number], 1);
    const unsigned char *der = redactfuzz_canary(name, DER);
    redactfuzz_allow(name); /* while OpenSSL works on it, it is in registers and on the stack as well */
    key_of_thread = number + 1;
    /* PKCS#8, where the canary is an RSA key. */
    EVP_PKEY *pkey = der[0] == 0x30 ? d2i_AutoPrivateKey(NULL, &der, DER) : EVP_RSA_gen(BITS);
    key_of_thread = 0;
    clear_vector_registers();
    redactfuzz_forbid(name);
    if (!pkey) abort();
    keys[number] = (struct key){number, name, pkey};
}

/* The active key, which stays alive until it is given back. */
static struct key take(void)
{
    pthread_mutex_lock(&lock);
    struct key key = keys[active];
    EVP_PKEY_up_ref(key.pkey);
    pthread_mutex_unlock(&lock);
    return key;
}

/* The last one who gives a key back frees it, and OpenSSL cleanses its numbers. */
static void give_back(struct key key)
{
    begin_use();
    key_of_thread = key.number + 1;
    EVP_PKEY_free(key.pkey);
    key_of_thread = 0;
    end_use();
}

static size_t sign(struct key key, const char *message, unsigned char signature[SIGNATURE])
{
    size_t size = SIGNATURE;
    begin_use();
    redactfuzz_allow(key.name);
    key_of_thread = key.number + 1;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key.pkey) != 1 ||
        EVP_DigestSign(context, signature, &size, (const unsigned char *)message, strlen(message)) != 1) {
        size = 0;
    }
    EVP_MD_CTX_free(context);
    key_of_thread = 0;
    clear_vector_registers();
    redactfuzz_forbid(key.name);
    end_use();
    return size;
}

static void start(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* no core before the keys are cleansed */
    if (sem_init(&left, 0, 0) != 0) abort();
    if (CRYPTO_set_mem_functions(key_malloc, key_realloc, key_free) != 1) abort();
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    load(0, "signing key");
    load(1, "next key");
}

#endif
