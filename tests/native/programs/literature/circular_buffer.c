/* A ring without locks, for one sender and one receiver. Expected: a failed assert (the sender publishes the place before it
 * fills it). With -DSAFE (fill, then publish) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { ROOM = 2, ITEMS = 2, LOOKS = 2 };

static int ring[ROOM];
static atomic_uint sent, received;

static void *send(void *unused)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        unsigned at = atomic_load(&sent);
        if (at - atomic_load(&received) == ROOM) break;
#ifdef SAFE
        ring[at % ROOM] = (int)i + 1;
        atomic_store(&sent, at + 1);
#else
        atomic_store(&sent, at + 1);
        ring[at % ROOM] = (int)i + 1;
#endif
    }
    return unused;
}

static void *receive(void *unused)
{
    int expected = 1;
    for (int i = 0; i < LOOKS; i++) {
        unsigned at = atomic_load(&received);
        if (at == atomic_load(&sent)) continue;
        assert(ring[at % ROOM] == expected);
        expected++;
        atomic_store(&received, at + 1);
    }
    return unused;
}

int main(void)
{
    pthread_t sender, receiver;
    pthread_create(&sender, NULL, send, NULL);
    pthread_create(&receiver, NULL, receive, NULL);
    pthread_join(sender, NULL);
    pthread_join(receiver, NULL);
    return 0;
}
