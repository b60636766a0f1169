/* Two threads that need two flags: who finds the other's up takes its own down, and tries again. With -DENDLESS both put theirs
 * up and wait for the other to take it down: neither does. */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int up[2], turn;
static int inside;

static void *enter(void *which)
{
    size_t me = (size_t)which, other = 1 - me;
    up[me] = 1;
    while (up[other]) {
#ifndef ENDLESS
        if (turn != (int)me) {
            up[me] = 0;
            while (turn != (int)me && up[other]) continue;
            up[me] = 1;
        }
#endif
    }
    inside++;
    turn = (int)other;
    up[me] = 0;
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) pthread_create(&threads[i], NULL, enter, (void *)i);
    for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return inside == 2 ? 0 : 1;
}
