/* A copy of the key by stores that no hook announces; it is wiped later. HOW says by which. Right is none but ORDINARY. */
#include <immintrin.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <string.h>

#define ORDINARY 0
#define STREAM 1
#define MASKED 2
#define BUILTIN 3
#define STORE_LOW 4
#define CARRY 5
#define UNHOOKED 6
#define WIDE 7

enum { SIZE = 32 };

static unsigned char key[SIZE];
static _Alignas(32) unsigned char copy[SIZE];
typedef unsigned char wide __attribute__((vector_size(SIZE), aligned(1), may_alias));

REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)key)[i] = 0;
#if HOW == ORDINARY
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)copy)[i] = 0;
#endif
}

static void on_crash(int number)
{
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}

#if HOW == MASKED || HOW == WIDE
__attribute__((target("avx2")))
#elif HOW == UNHOOKED
__attribute__((no_sanitize_thread))
#endif
static void store(unsigned char *to, const unsigned char *from)
{
#if HOW == STREAM
    for (int i = 0; i < 4; i++) _mm_stream_si64((long long *)(void *)to + i, ((const long long *)(const void *)from)[i]);
#elif HOW == MASKED
    __m256i all = _mm256_set1_epi32(-1);
    _mm256_maskstore_epi32((int *)(void *)to, all, _mm256_loadu_si256((const __m256i *)(const void *)from));
#elif HOW == BUILTIN
    __builtin_memcpy(to, from, SIZE);
#elif HOW == STORE_LOW
    for (int i = 0; i < 4; i++)
        _mm_storel_pi((__m64 *)(void *)to + i, _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(const void *)from + i));
#elif HOW == CARRY
    for (int i = 0; i < 4; i++)
        _addcarry_u64(0, ((const unsigned long long *)(const void *)from)[i], 0, (unsigned long long *)(void *)to + i);
#elif HOW == WIDE
    *(wide *)(void *)to = *(const wide *)(const void *)from;
#else
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)to)[i] = from[i];
#endif
}

int main(void)
{
    signal(SIGSEGV, on_crash);
    const unsigned char *from = redactfuzz_canary("key", SIZE);
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)key)[i] = from[i];
    store(copy, key);
    for (size_t i = 0; i < SIZE; i++) ((volatile unsigned char *)copy)[i] = 0;
    return 0;
}
