/* Eight fractions that each thread keeps across calls in registers (d8 to d15 on aarch64) are its own, whoever runs in between
 * and whatever handler interrupts. Asserts for itself; exits with 0.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>

enum { ROUNDS = 6, THREADS = 2 };

static double multiply(double factor, int rounds)
{
    double a = factor, b = 2 * factor, c = 3 * factor, d = 4 * factor, e = 5 * factor, f = 6 * factor, g = 7 * factor,
           h = 8 * factor;
    for (int i = 0; i < rounds; i++) {
        sched_yield();
        a += factor, b += factor, c += factor, d += factor, e += factor, f += factor, g += factor, h += factor;
    }
    return a + b + c + d + e + f + g + h;
}

static void interrupted(int number)
{
    (void)number;
    assert(multiply(1000.0, 1) == 44000.0);
}

static void *calculate(void *argument)
{
    double factor = (double)(intptr_t)argument;
    assert(multiply(factor, ROUNDS) == (36 + 8 * ROUNDS) * factor);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    signal(SIGUSR1, interrupted);
    for (intptr_t i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, calculate, (void *)(i + 1));
    }
    pthread_kill(threads[0], SIGUSR1);
    calculate((void *)10);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
