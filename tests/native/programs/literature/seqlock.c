/* A writer says by an odd number that it is at work; a reader who sees the number change has seen nothing. Expected: a
 * failed assert (a reader that does not look at the number again has seen half). With -DSAFE none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_int number, value, copy;

static void *write_both(void *unused)
{
    number++;
    value = 1;
    copy = 1;
    number++;
    return unused;
}

static void *read_both(void *unused)
{
    int before = number, first = value, second = copy;
    if (before % 2 != 0) return unused;
#ifdef SAFE
    if (number != before) return unused;
#endif
    assert(first == second);
    return unused;
}

int main(void)
{
    pthread_t writer, reader;
    pthread_create(&writer, NULL, write_both, NULL);
    pthread_create(&reader, NULL, read_both, NULL);
    pthread_join(writer, NULL);
    pthread_join(reader, NULL);
    return 0;
}
