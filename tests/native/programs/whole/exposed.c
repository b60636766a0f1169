/* What threads do with a key, as the arguments say: one for each thread, three characters for each step (kind, which, value). main is
 * the last thread. Nothing else is touched, so that all schedules can be run.
 */
#include <pthread.h>
#include <redactfuzz.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS = 3, SIZE = 8, PAGE = 4096, MASK = 0x5a5a5a5a };

typedef union place {
    unsigned char byte[SIZE];
    uint16_t quarter[4];
    uint32_t half[2];
    uint64_t all;
} place;

static struct {
    place key, copy[2];
    char apart[40];
    uint32_t flag; /* in no eight bytes with them */
    int32_t number;
} at;
static place *page, *stack_of[THREADS];
static _Atomic(unsigned char *) block;
static _Atomic(place *) large;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static const place *secret(void) { return (const place *)(const void *)redactfuzz_canary("key", SIZE); }

static void handler(int number)
{
    (void)number;
    write(1, at.copy[1].byte, SIZE);
    _exit(90 + (int)(at.flag & 3));
}

static void __attribute__((noinline)) leave_a_frame(void)
{
    volatile unsigned char dead[SIZE];
    for (int i = 0; i < SIZE; i += 4) *(volatile uint32_t *)(volatile void *)&dead[i] = at.key.half[i / 4];
}

static void change_block(int grows)
{
    unsigned char *mine = atomic_exchange(&block, NULL);
    if (!grows) {
        free(mine);
        return;
    }
    if (mine != NULL) {
        mine = realloc(mine, 8 * SIZE);
    } else {
        mine = malloc(3 * SIZE);
        *(uint64_t *)(void *)(mine + 2 * SIZE) = at.key.all;
    }
    atomic_store(&block, mine);
}

/* So large that it is a mapping of its own, which ends with it. */
static void change_large(int which, int grows)
{
    place *mine = grows ? malloc(1 << 18) : NULL;
    if (mine != NULL) mine->half[which] = secret()->half[which];
    mine = atomic_exchange(&large, mine);
    if (mine != NULL) mine->half[1] = secret()->half[1];
    free(mine);
}

static void hold(void)
{
    uint64_t kept = at.key.all; /* in a register */
    sched_yield();
    __asm__ volatile("" : : "r"(kept));
}

static void step(char kind, int which, int what)
{
    switch (kind) {
    case 'K': at.key.all = secret()->all; break;
    case 'W': at.key.all = 0; break;
    case 'H': at.key.half[which] = secret()->half[which]; break;
    case 'Q': at.key.quarter[2 * which + (what & 1)] = secret()->quarter[2 * which + (what & 1)]; break;
    case 'X': at.key.half[which] = secret()->half[which] ^ MASK; break;
    case 'U': at.key.half[which] ^= MASK; break;
    case 'Z': at.key.half[which] = 0; break;
    case 'Y': at.key.byte[4 * which + what] = 0; break;
    case 'S': at.copy[what & 1].half[1 - which] = secret()->half[0]; at.copy[0].half[1] = secret()->half[which]; break;
    case 'M': memmove(at.copy[which].byte, at.key.byte, SIZE); break;
    case 'J': at.copy[which].half[what & 1] = at.key.half[what & 1]; break;
    case 'O': at.copy[which].all = 0; break;
    case 'A': redactfuzz_allow("key"); break;
    case 'F': redactfuzz_forbid("key"); break;
    case 'V': at.copy[which].half[what & 1] = ((const place *)(const void *)redactfuzz_canary("other", SIZE))->half[what & 1]; break;
    case 'P': page->half[which] = secret()->half[which]; break;
    case 'N': page->half[which] = 0; break;
    case 'D': madvise(page, PAGE, what & 1 ? MADV_DONTDUMP : MADV_DODUMP); break;
    case 'G': mprotect(page, PAGE, what & 1 ? PROT_READ : PROT_READ | PROT_WRITE); break;
    case 'R': hold(); break;
    case 'T': leave_a_frame(); break;
    case 'B': change_block(1); break;
    case 'E': change_block(0); break;
    case 'b': change_large(which, 1); break;
    case 'e': change_large(which, 0); break;
    case 'C': if (stack_of[which]) stack_of[which]->half[what & 1] = secret()->half[what & 1]; break;
    case 'c': if (stack_of[which]) stack_of[which]->half[what & 1] = 0; break;
    case 'I': signal(SIGSEGV, what == 3 ? SIG_DFL : handler); break;
    case 's': at.flag = (uint32_t)what; break;
    case 'l': if (at.flag == 0) at.key.half[which] = 0; break;
    case 'm': pthread_mutex_lock(&mutex); break;
    case 'u': pthread_mutex_unlock(&mutex); break;
    }
}

/* Nine bits for each step: nothing is read that another thread could have changed. */
static void *run(void *argument)
{
    uintptr_t steps = (uintptr_t)argument;
    place own = {.all = 0};
    stack_of[steps & 3] = &own;
    for (steps >>= 2; steps != 0; steps >>= 9) step((char)('A' + (steps & 63)), (int)(steps >> 6 & 1), (int)(steps >> 7 & 3));
    return argument;
}

static void *packed(const char *text, int number)
{
    uintptr_t steps = 0;
    for (size_t i = strlen(text); i >= 3; i -= 3) {
        steps = steps << 9 | (uintptr_t)(text[i - 3] - 'A') | (uintptr_t)(text[i - 2] - '0') << 6 | (uintptr_t)(text[i - 1] - '0') << 7;
    }
    return (void *)(steps << 2 | (uintptr_t)number);
}

int main(int count, char **arguments)
{
    pthread_t threads[THREADS];
    void *steps[THREADS];
    int last = count - 2;
    if (last < 0) return 0;
    for (int i = 0; i <= last; i++) steps[i] = packed(arguments[i + 1], i);
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < last; i++) pthread_create(&threads[i], NULL, run, steps[i]);
    run(steps[last]);
    for (int i = 0; i < last; i++) pthread_join(threads[i], NULL);
    return 20 + (int)(at.flag & 3);
}
