/* main takes down what a worker still uses. Expected: a real fault (a null pointer is read). With -DSAFE (it waits for the
 * worker first) none, in any schedule.
 */
#include <pthread.h>
#include <stdlib.h>

struct jobs {
    pthread_mutex_t lock;
    int left;
};

static struct jobs *volatile jobs;

static void *work(void *unused)
{
    for (int going = 1; going;) {
        pthread_mutex_lock(&jobs->lock);
        going = --jobs->left > 0;
        pthread_mutex_unlock(&jobs->lock);
    }
    return unused;
}

static void end(void)
{
    struct jobs *old = jobs;
    jobs = NULL;
    free(old);
}

int main(void)
{
    pthread_t worker;
    jobs = calloc(1, sizeof *jobs);
    jobs->left = 2;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_create(&worker, NULL, work, NULL);
#ifdef SAFE
    pthread_join(worker, NULL);
    end();
#else
    end();
    pthread_join(worker, NULL);
#endif
    return 0;
}
