/* A deque without locks: the owner pushes and pops at the bottom, a thief steals at the top. Expected: a failed assert (the
 * last item is taken by both: the owner does not contend for it). With -DSAFE (it does) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifndef ITEMS
#define ITEMS 1
#endif
enum { NOTHING = -1 };

static int items[ITEMS];
static atomic_int top, bottom;
static atomic_int taken[ITEMS];

static void push(int item)
{
    int at = bottom;
    items[at] = item;
    bottom = at + 1;
}

static int pop(void)
{
    int at = bottom - 1;
    bottom = at;
    int first = top;
    if (at > first) return items[at];
    int item = NOTHING;
    if (at == first) {
        item = items[at];
#ifdef SAFE
        if (!atomic_compare_exchange_strong(&top, &first, first + 1)) item = NOTHING;
#else
        top = first + 1;
#endif
    }
    bottom = at + 1;
    return item;
}

static void *own(void *unused)
{
    for (int i = 0; i < ITEMS; i++) push(i);
    for (int i = 0; i < ITEMS; i++) {
        int item = pop();
        if (item != NOTHING) taken[item]++;
    }
    return unused;
}

static void *steal(void *unused)
{
    int first = top;
    if (first < bottom) {
        int item = items[first];
        if (atomic_compare_exchange_strong(&top, &first, first + 1)) taken[item]++;
    }
    return unused;
}

int main(void)
{
    pthread_t owner, thief;
    pthread_create(&owner, NULL, own, NULL);
    pthread_create(&thief, NULL, steal, NULL);
    pthread_join(owner, NULL);
    pthread_join(thief, NULL);
    for (int i = 0; i < ITEMS; i++) assert(taken[i] == 1);
    return 0;
}
