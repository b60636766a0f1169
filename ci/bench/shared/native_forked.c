/* One process for each execution, the plain way: forks, lets the program run with real threads, and waits for it.
 *
 *     gcc -std=gnu11 -O2 -DREDACTFUZZ_OFF -Dmain=program_main -I redactfuzz/native/include -c tests/native/programs/whole/counter.c
 *     gcc -std=gnu11 -O2 ci/bench/shared/native_forked.c counter.o -pthread -o forked && ./forked 2000
 *
 * Prints one line of JSON: executions, seconds, executions_per_s. The program runs in an empty folder of its own if it is started in one.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int program_main(void);

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **arguments)
{
    const long executions = count > 1 ? strtol(arguments[1], NULL, 10) : 1000;
    const double begin = now();
    for (long i = 0; i < executions; i++) {
        const pid_t child = fork();
        int status = 0;
        if (child == 0) _exit(program_main());
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
            fprintf(stderr, "execution %ld ended with status %d\n", i, status);
            return 1;
        }
    }
    const double seconds = now() - begin;
    printf("{\"executions\": %ld, \"seconds\": %.6f, \"executions_per_s\": %.0f}\n", executions, seconds, (double)executions / seconds);
    return 0;
}
