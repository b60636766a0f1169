/* N threads put an entry each into a hash table with open addresses; all hashes are the same. Expected: a failed assert (an
 * entry is lost: another one was put over it). With -DSAFE (compare and exchange) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef N
#define N 2
#endif

/* Not a constant, as in the published program: it is read anew for each thread. */
#ifdef CONSTANT /* read by nobody: every schedule can be run */
enum { threads_wanted = N };
#else
extern size_t threads_wanted;
size_t threads_wanted = N;
#endif
enum { ROOM = N + 1, HASH = 1 };

static atomic_int table[ROOM];

static int put(size_t place, int entry)
{
    int empty = 0;
#ifdef SAFE
    return atomic_compare_exchange_strong(&table[place], &empty, entry);
#else
    if (atomic_load(&table[place]) != empty) return 0;
    atomic_store(&table[place], entry);
    return 1;
#endif
}

static void *insert(void *which)
{
    size_t place = HASH;
    while (!put(place, (int)(size_t)which + 1)) place = (place + 1) % ROOM;
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    int found = 0;
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&threads[i], NULL, insert, (void *)i);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(threads[i], NULL);
    for (int place = 0; place < ROOM; place++) found += table[place] != 0;
    assert(found == N);
    return 0;
}
