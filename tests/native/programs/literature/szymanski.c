/* Szymanski's mutual exclusion, of two threads: an anteroom whose door closes behind those who are in it. Expected: a failed
 * assert (who stands at the door does not wait for one who wants in as well). With -DSAFE none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum { OUTSIDE, WANTS, WAITS, AT_THE_DOOR, IN };

static atomic_int state[2];
static volatile int inside;

static void *enter(void *which)
{
    int own = (int)(size_t)which, other = 1 - own, seen;
    state[own] = WANTS;
    while (state[other] >= AT_THE_DOOR) {}
    state[own] = AT_THE_DOOR;
#ifdef SAFE
    if (state[other] == WANTS) {
        state[own] = WAITS;
        while (state[other] != IN) {}
    }
#endif
    state[own] = IN;
    while (own == 1 && state[other] >= WAITS) {}
    inside = own;
    assert(inside == own);
    do {
        seen = state[other];
    } while (own == 0 && (seen == WAITS || seen == AT_THE_DOOR));
    state[own] = OUTSIDE;
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) pthread_create(&threads[i], NULL, enter, (void *)i);
    for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return 0;
}
