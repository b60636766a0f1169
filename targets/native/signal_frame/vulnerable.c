/* A cipher keeps its key in a vector register while a batch lasts. Crash handlers run on alternate stacks; the crash report
 * shows the signal frame that the kernel laid there: the registers of the thread that crashed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

enum { KEY = 16, BLOCKS = 4, STACK = 32768 };

typedef unsigned char block __attribute__((vector_size(KEY), aligned(1), may_alias));

static unsigned char stacks[2][STACK] __attribute__((aligned(16)));
static __thread unsigned char *stack;
static atomic_uint text[2];

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

/* The last vector register belongs to the cipher. */
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

static inline void clear_register(void)
{
#if defined(__x86_64__)
    __asm__ volatile("pxor %%xmm15, %%xmm15" : : : "xmm15");
#elif defined(__aarch64__)
    __asm__ volatile("movi v31.2d, #0" : : : "v31");
#endif
}

REDACTFUZZ_REDACTOR static void redact(ucontext_t *context)
{
    (void)context;
    clear_register();
}

static void on_crash(int number, siginfo_t *information, void *frame)
{
    (void)number, (void)information;
    redact(frame);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    static const char title[] = "registers of the thread that crashed:\n";
    if (file < 0 || write(file, title, sizeof title - 1) < 0 || !stack) _exit(1);
    const unsigned char *from = frame;
    size_t size = (size_t)(stack + STACK - from);
    if (write(file, from, size) == (ssize_t)size) close(file);
    _exit(1);
}

static void encrypt(size_t number, const unsigned char *secret)
{
    stack = stacks[number];
    stack_t alternate = {.ss_sp = stack, .ss_size = STACK};
    sigaltstack(&alternate, NULL);
    unsigned char key[KEY];
    load(key, secret);
    key_into_register(key);
    wipe(key);
    for (unsigned i = 0; i < BLOCKS; i++) atomic_fetch_xor(&text[number], round_key() * (2u * i + 1u));
    clear_register();
}

static void *eu(void *unused)
{
    encrypt(0, redactfuzz_canary("eu key", KEY));
    return unused;
}

static void *us(void *unused)
{
    encrypt(1, redactfuzz_canary("us key", KEY));
    return unused;
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0); /* the report takes the place of the kernel's core */
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    pthread_t first, second;
    pthread_create(&first, NULL, eu, NULL);
    pthread_create(&second, NULL, us, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
