/* Thread-local storage: each thread begins with the initial values, aligned as they ask for, and has its own. */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>

static __thread int number = 41;
static __thread char text[9] = "initial";
static __thread struct {
    char byte;
    _Alignas(64) int aligned;
} block = {1, 2};
static __thread int zero[100];
_Thread_local int *shown;

static void *own(void *where)
{
    assert(number == 41 && text[0] == 'i' && text[6] == 'l' && block.byte == 1 && block.aligned == 2);
    for (int i = 0; i < 100; i++) assert(zero[i] == 0);
    assert((uintptr_t)&block.aligned % 64 == 0);
    assert(shown == NULL);
    int mine = ++*(int *)where;
    number = mine;
    zero[99] = mine;
    shown = &number;
    sched_yield();
    assert(number == mine && zero[99] == mine && shown == &number && *shown == mine);
    return &number;
}

int main(void)
{
    pthread_t threads[3];
    void *where[3];
    static int counters[3] = {0, 10, 20};
    number++;
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, own, &counters[i]);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], &where[i]);
    assert(where[0] != where[1] && where[1] != where[2] && where[0] != (void *)&number);
    assert(number == 42 && zero[99] == 0 && text[0] == 'i');
    return 0;
}
