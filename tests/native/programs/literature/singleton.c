/* Two threads want the one object, which whoever comes first makes. Expected: a failed assert (it is made twice). With
 * -DSAFE (look again under the lock) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int room[2];
static int made;
static int *_Atomic only;

static void *get(void *unused)
{
    if (only == NULL) {
        pthread_mutex_lock(&lock);
#ifdef SAFE
        if (only == NULL)
#endif
            only = &room[made++];
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, get, NULL);
    pthread_create(&second, NULL, get, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    assert(made == 1);
    return 0;
}
