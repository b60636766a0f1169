/* A program with a handler of the crash's signal, as its arguments say: what the handler does, then one for each thread, three
 * characters for each step (kind, which, value). main is the last thread. The handler ends the process, as some steps do, with a
 * digest of what its thread has seen. No core is written where the first argument begins with "-". Nothing else is touched, so
 * that all schedules can be run.
 */
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { THREADS = 3, SIZE = 8, ALTERNATE = 32768 };

static int value[2];
static uint64_t key[2];
static atomic_int counter;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t on_crash;
static unsigned char room[ALTERNATE];
static int file[2] = {1, 1};
static const char *const name[2] = {"one", "two"};
static FILE *stream[2]; /* none: the standard ones */
static char line[24] = "abcdefg", buffer[24];

static int digest(int seen) { return (seen * 5 + value[0] + 3 * value[1]) & 31; }

static FILE *out(int which) { return stream[which] != NULL ? stream[which] : which ? stderr : stdout; }

static void __attribute__((noinline)) leave_a_frame(int which)
{
    volatile unsigned char dead[SIZE];
    __asm__ volatile("" : : "r"(dead) : "memory"); /* stores to what nobody else could have have no hook */
    for (int i = 0; i < SIZE; i += 4) *(volatile uint32_t *)(volatile void *)&dead[i] = ((volatile uint32_t *)&key[which])[i / 4];
    for (int i = 0; i < SIZE; i += 4) *(volatile uint32_t *)(volatile void *)&dead[i] = 0;
}

static int step(char kind, int which, int what, int seen)
{
    switch (kind) {
    case 's': value[which] = what; break;
    case 'l': return seen * 4 + value[which];
    case 't': value[which] = seen + what; break;
    case 'a': return seen + atomic_fetch_add(&counter, what);
    case 'm': pthread_mutex_lock(&mutex); break;
    case 'u': pthread_mutex_unlock(&mutex); break;
    case 'K': key[which] = *(const uint64_t *)redactfuzz_canary("key", SIZE); break;
    case 'W': key[which] = 0; break;
    case 'w': write(1, &key[which], SIZE); break;
    case 'g': if (value[which] == what) write(1, &key[which], SIZE); break;
    case 'A': redactfuzz_allow("key"); break;
    case 'F': redactfuzz_forbid("key"); break;
    case 'j': while (atomic_load(&counter) == 0) usleep(1); break;
    case 'e': _exit(32 + digest(seen));
    case 'x': if (value[which] == what) _exit(64 + digest(seen)); break;
    case 'X': exit(96 + digest(seen));
    case 'i': signal(SIGSEGV, what == 3 ? SIG_IGN : SIG_DFL); break;
    case 'o': sigaltstack(&(stack_t){.ss_sp = room, .ss_size = sizeof room}, NULL); break;
    case 'T': if (value[which] == what) leave_a_frame(1 - which); break;
    case 'q': abort();
    case 'c': file[which] = open(name[which], O_RDWR | O_CREAT | (what == 1 ? O_TRUNC : what == 2 ? O_APPEND : 0), 0600); break;
    case 'p': return seen * 4 + (int)write(file[which], &key[what & 1], SIZE);
    case 'f': return seen + ftruncate(file[which], 3 * what);
    case 'h': return seen + (int)lseek(file[which], what == 3 ? 0 : what, what == 3 ? SEEK_CUR : SEEK_SET);
    case 'n': return seen + rename(name[which], name[1 - which]);
    case 'r': return seen + unlink(name[which]);
    case 'z': return seen + close(file[which]);
    case 'v': return seen * 4 + open(name[which], O_RDONLY);
    case 'N': return seen + snprintf(line, what == 1 ? 6 : sizeof line, "%*d%.*s", value[which], 0, 4 * what, (const char *)&key[which]);
    case 'M': return seen + snprintf(NULL, 0, "%s", line);
    case 'E': {
        char own[32];
        snprintf(own, sizeof own, "%s", line);
        return seen * 4 + own[0];
    }
    case 'P': return seen + fprintf(out(which), "%s%.8s%*d", line, (const char *)&key[0], what == 1 ? 0 : value[which], 0);
    case 'S': return seen + fputs(line, out(which));
    case 'H': return seen + (int)fwrite(&key[which], 1, SIZE, out(what & 1));
    case 'C': return seen + fputc('0' + what, out(which));
    case 'U': return seen + puts(line);
    case 'R': return seen + dprintf(file[which], "%.8s", (const char *)&key[which]);
    case 'Y': return seen + fflush(what == 1 ? NULL : out(which));
    case 'O': stream[which] = fopen(name[which], what == 1 ? "w" : what == 2 ? "a" : "r+"); break;
    case 'Z': if (stream[which] != NULL) return seen + fclose(stream[which]); break;
    case 'B': return seen + setvbuf(out(which), what == 1 ? NULL : buffer, what == 1 ? _IONBF : what == 2 ? _IOLBF : _IOFBF, 12);
    case 'V': buffer[4 * which] = (char)what; break;
    case 'G': return seen * 4 + (fgets(line, 4 + what, out(which)) != NULL);
    case 'J': free(malloc(SIZE)); break;
    case 'k': flockfile(out(which)); break;
    case 'b': funlockfile(out(which)); break;
    case 'y': line[3 * which + what] = 0; break;
    case 'd': if (value[which] == what) *(volatile int *)(uintptr_t)what = 1; break;
    }
    return seen;
}

/* Nine bits for each step: nothing is read that another thread could have changed. */
static int run_steps(uintptr_t steps)
{
    int seen = 0;
    for (; steps != 0; steps >>= 9) seen = step((char)('A' + (steps & 63)), (int)(steps >> 6 & 1), (int)(steps >> 7 & 3), seen);
    return seen;
}

static void handler(int number)
{
    (void)number;
    _exit(128 + digest(run_steps(on_crash)));
}

static void *run(void *steps) { return (void *)(uintptr_t)run_steps((uintptr_t)steps); }

static uintptr_t packed(const char *text)
{
    uintptr_t steps = 0;
    for (size_t i = strlen(text); i >= 3; i -= 3) {
        steps = steps << 9 | (uintptr_t)(text[i - 3] - 'A') | (uintptr_t)(text[i - 2] - '0') << 6 | (uintptr_t)(text[i - 1] - '0') << 7;
    }
    return steps;
}

int main(int count, char **arguments)
{
    pthread_t threads[THREADS];
    uintptr_t steps[THREADS];
    void *seen = NULL;
    int last = count - 3;
    if (last < 0) return 0;
    for (int i = 0; i <= last; i++) steps[i] = packed(arguments[i + 2]);
    on_crash = packed(arguments[1] + (arguments[1][0] == '-'));
    if (arguments[1][0] == '-') prctl(PR_SET_DUMPABLE, 0);
    for (int i = 0; i < last; i++) pthread_create(&threads[i], NULL, run, (void *)steps[i]);
    sigaction(SIGSEGV, &(struct sigaction){.sa_handler = handler, .sa_flags = SA_ONSTACK}, NULL);
    int own = run_steps(steps[last]);
    for (int i = 0; i < last; i++) pthread_join(threads[i], &seen);
    _exit(160 + digest(own + 3 * (int)(uintptr_t)seen));
}
