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
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { KEYS = 2, BITS = 2048, DER = 1220, SIGNATURE = BITS / 8 };

/* -- memory: every key has an arena. OpenSSL calls these inside of its own locks, so they hold none and are not instrumented. */

enum { ARENA = 1 << 20, HEADER = 16 };
#define PLAIN __attribute__((no_sanitize("thread")))

static _Alignas(HEADER) unsigned char arenas[KEYS][ARENA];
static size_t used[KEYS];
static __thread int arena_of_thread; /* 0: the common heap, else the number of the key and 1 */

PLAIN static int is_key_memory(const void *memory)
{
    const unsigned char *byte = memory;
    return byte >= arenas[0] && byte < arenas[KEYS - 1] + ARENA;
}

PLAIN static void *key_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (arena_of_thread == 0) return malloc(size);
    const size_t whole = (HEADER + size + HEADER - 1) / HEADER * HEADER;
    const int number = arena_of_thread - 1;
    const size_t start = __atomic_fetch_add(&used[number], whole, __ATOMIC_RELAXED);
    if (start + whole > ARENA) abort();
    unsigned char *block = &arenas[number][start];
    memcpy(block, &size, sizeof size);
    return block + HEADER;
}

PLAIN static void key_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    size_t size;
    if (!memory) return;
    if (!is_key_memory(memory)) {
        free(memory);
        return;
    }
    memcpy(&size, (unsigned char *)memory - HEADER, sizeof size);
    OPENSSL_cleanse(memory, size);
}

PLAIN static void *key_realloc(void *memory, size_t size, const char *file, int line)
{
    size_t old = 0;
    if (!memory) return key_malloc(size, file, line);
    if (!is_key_memory(memory)) return realloc(memory, size);
    memcpy(&old, (unsigned char *)memory - HEADER, sizeof old);
    void *larger = key_malloc(size, file, line);
    memcpy(larger, memory, old < size ? old : size);
    key_free(memory, file, line);
    return larger;
}

/* -- the registry, and the crash handler that goes by it */

static atomic_int listed[KEYS];
static atomic_int dying;

REDACTFUZZ_REDACTOR static void redact(void)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (atomic_load(&listed[i])) OPENSSL_cleanse(arenas[i], ARENA);
    }
}

static void on_crash(int number)
{
    atomic_store(&dying, 1);
    redact();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}

/* -- keys */

struct key {
    int number;
    EVP_PKEY *pkey;
};

static struct key keys[KEYS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int active;

/* A copy leaves what it copied in vector registers, which new threads inherit and a core holds: nothing secret goes the same way. */
static void clear_vector_registers(void)
{
    static const unsigned char nothing[DER];
    static unsigned char room[DER];
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    copy(room, nothing, DER);
}

static void load(int number, const char *name)
{
    atomic_store(&listed[number], 1);
    const unsigned char *der = redactfuzz_canary(name, DER);
    arena_of_thread = number + 1;
    /* PKCS#8, where the canary is an RSA key. */
    EVP_PKEY *pkey = der[0] == 0x30 ? d2i_AutoPrivateKey(NULL, &der, DER) : EVP_RSA_gen(BITS);
    arena_of_thread = 0;
    clear_vector_registers();
    if (!pkey) abort();
    keys[number] = (struct key){number, pkey};
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
    arena_of_thread = key.number + 1;
    EVP_PKEY_free(key.pkey);
    arena_of_thread = 0;
}

static size_t sign(struct key key, const char *message, unsigned char signature[SIGNATURE])
{
    size_t size = SIGNATURE;
    arena_of_thread = key.number + 1;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key.pkey) != 1 ||
        EVP_DigestSign(context, signature, &size, (const unsigned char *)message, strlen(message)) != 1) {
        size = 0;
    }
    EVP_MD_CTX_free(context);
    arena_of_thread = 0;
    return size;
}

/* Keys whose memory is cleansed must not be used any more. */
static void wait_if_dying(void)
{
    while (atomic_load(&dying)) pause();
}

static void start(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* no core before the keys are cleansed */
    if (CRYPTO_set_mem_functions(key_malloc, key_realloc, key_free) != 1) abort();
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    load(0, "signing key");
    load(1, "next key");
}

#endif
