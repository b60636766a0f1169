/* The program of the speed benchmark, of about 46 events: one thread rotates the key twice, one signs, and a crash handler copies
 * the active key into a report, without what is listed. Expected: no leak, in any schedule. ci/bench/shared/native_relacy.cpp is the
 * same as a model for Relacy.
 */
#include <fcntl.h>
#include <pthread.h>
#include <redactfuzz.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { WORDS = 4, ROTATIONS = 2 };

static volatile uint32_t keys[ROTATIONS + 1][WORDS];
static atomic_int listed[ROTATIONS + 1];
static atomic_uint active;
static atomic_uint signature;

static void load(unsigned number, const unsigned char *key)
{
    atomic_store(&listed[number], 1);
    for (size_t i = 0; i < WORDS; i++) {
        uint32_t word;
        memcpy(&word, key + i * sizeof word, sizeof word);
        keys[number][i] = word;
    }
}

static void *rotate(void *unused)
{
    for (unsigned number = 1; number <= ROTATIONS; number++) {
        load(number, redactfuzz_canary(number == 1 ? "second key" : "third key", sizeof keys[0]));
        atomic_store(&active, number);
        for (size_t i = 0; i < WORDS; i++) keys[number - 1][i] = 0;
    }
    return unused;
}

static void *sign(void *unused)
{
    for (int i = 0; i < 2; i++) {
        unsigned used = atomic_load(&active);
        atomic_store(&signature, (keys[used][0] & 255u) * 31u + (keys[used][WORDS - 1] & 255u));
    }
    return unused;
}

REDACTFUZZ_REDACTOR static void redact(uint32_t report[WORDS], unsigned number)
{
    if (!atomic_load(&listed[number])) return;
    for (size_t i = 0; i < WORDS; i++) report[i] = 0;
}

static void on_crash(int number)
{
    (void)number;
    uint32_t report[WORDS];
    unsigned used = atomic_load(&active);
    for (size_t i = 0; i < WORDS; i++) report[i] = keys[used][i];
    redact(report, used);
    int file = open("crash.report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && write(file, report, sizeof report) == (ssize_t)sizeof report) close(file);
    _exit(1);
}

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    struct sigaction action = {.sa_handler = on_crash};
    sigaction(SIGSEGV, &action, NULL);
    load(0, redactfuzz_canary("first key", sizeof keys[0]));
    pthread_t rotator, signer;
    pthread_create(&rotator, NULL, rotate, NULL);
    pthread_create(&signer, NULL, sign, NULL);
    pthread_join(rotator, NULL);
    pthread_join(signer, NULL);
    return 0;
}
