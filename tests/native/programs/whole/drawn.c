/* A program that its arguments say: one argument for each thread, three characters for each of its steps (kind, which, value).
 * main is the last thread. How it ends is a digest of all that the threads have seen and left.
 */
#include <pthread.h>
#include <redactfuzz.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STEPS = 8, THREADS = 3, SIZE = 16 };

typedef struct code {
    char text[3 * STEPS];
    int length;
    int number;
} code;

static int value[5]; /* two in each eight bytes; the last one stays zero */
static atomic_int counter;
static pthread_mutex_t mutexes[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t permits;
static char *block;
static unsigned char key[SIZE];
static code codes[THREADS];
static int seen[THREADS];

static int wait_a_little(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_mutex_lock(&guard);
    int status = pthread_cond_timedwait(&changed, &guard, &until);
    pthread_mutex_unlock(&guard);
    return status == 0;
}

static int step(char kind, int which, int what, int reg, unsigned *held)
{
    switch (kind) {
    case 's': value[which] = what; break;
    case 'l': return value[which];
    case 't': value[which] = reg + 1; break;
    case 'h': ((char *)&value[which])[what & 3] = (char)(reg + what); break;
    case 'c': memcpy(&value[2], &value[0], 2 * sizeof *value); break;
    case 'a': return atomic_fetch_add(&counter, what);
    case 'm':
        if (*held & 1u << (which & 1)) break;
        pthread_mutex_lock(&mutexes[which & 1]);
        *held |= 1u << (which & 1);
        break;
    case 'u':
        if (!(*held & 1u << (which & 1))) break;
        pthread_mutex_unlock(&mutexes[which & 1]);
        *held &= ~(1u << (which & 1));
        break;
    case 'r': return pthread_mutex_trylock(&mutexes[which & 1]) == 0 ? (*held |= 1u << (which & 1), 1) : 0;
    case 'p': sem_post(&permits); break;
    case 'q': sem_wait(&permits); break;
    case 'w': return wait_a_little();
    case 'v':
        pthread_mutex_lock(&guard);
        pthread_cond_wait(&changed, &guard);
        pthread_mutex_unlock(&guard);
        break;
    case 'k': pthread_cond_signal(&changed); break;
    case 'y': sched_yield(); break;
    case 'b': block = malloc(8); break;
    case 'f': return block != NULL;
    case 'n': return (int)strlen((const char *)&value[which & 2]);
    case 'o': {
        char text[2 * sizeof *value + 1];
        return snprintf(text, sizeof text, "%s", (const char *)&value[which & 2]) + text[0];
    }
    case 'K': memcpy(key, redactfuzz_canary("key", SIZE), SIZE); break;
    case 'W': explicit_bzero(key, SIZE); break;
    case 'e': _exit(10 + what + 4 * (value[0] & 31));
    }
    return reg;
}

static void *run(void *argument)
{
    code mine;
    unsigned held = 0;
    int reg = 0;
    memcpy(&mine, argument, sizeof mine);
    for (int at = 0; at < mine.length; at += 3) {
        if (mine.text[at] == 'x') {
            at += reg ? 0 : 3;
            continue;
        }
        reg = step(mine.text[at], mine.text[at + 1] - '0', mine.text[at + 2] - '0', reg, &held);
    }
    seen[mine.number] = reg;
    return argument;
}

int main(int count, char **arguments)
{
    pthread_t threads[THREADS];
    unsigned digest = 0;
    for (int i = 1; i < count && i <= THREADS; i++) {
        codes[i - 1].length = (int)strlen(arguments[i]);
        codes[i - 1].number = i - 1;
        memcpy(codes[i - 1].text, arguments[i], (size_t)codes[i - 1].length);
    }
    for (int i = 0; i < count - 2; i++) pthread_create(&threads[i], NULL, run, &codes[i]);
    run(&codes[count - 2]);
    for (int i = 0; i < count - 2; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++) digest = digest * 31 + (unsigned)value[i];
    for (int i = 0; i < THREADS; i++) digest = digest * 37 + (unsigned)seen[i];
    digest = digest * 41 + (unsigned)atomic_load(&counter);
    return 20 + (int)(digest % 199);
}
