/* N threads create a file each: an inode of their own gets the first block that is free. Expected: a failed assert (one
 * block in two files). With -DSAFE (a lock for each block) none, in any schedule.
 */
#include <assert.h>
#include <pthread.h>
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

static pthread_mutex_t inode_locks[N], block_locks[N];
static int inodes[N], busy[N];

static int take(int block)
{
#ifdef SAFE
    pthread_mutex_lock(&block_locks[block]);
#endif
    int taken = !busy[block];
    if (taken) busy[block] = 1;
#ifdef SAFE
    pthread_mutex_unlock(&block_locks[block]);
#endif
    return taken;
}

static void *create(void *which)
{
    int inode = (int)(size_t)which;
    pthread_mutex_lock(&inode_locks[inode]);
    for (int block = 0; block < N && inodes[inode] == 0; block++) {
        if (take(block)) inodes[inode] = block + 1;
    }
    pthread_mutex_unlock(&inode_locks[inode]);
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    for (size_t i = 0; i < threads_wanted; i++) {
        pthread_mutex_init(&inode_locks[i], NULL);
        pthread_mutex_init(&block_locks[i], NULL);
    }
    for (size_t i = 0; i < threads_wanted; i++) pthread_create(&threads[i], NULL, create, (void *)i);
    for (size_t i = 0; i < threads_wanted; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < N; i++) {
        assert(inodes[i] > 0);
        for (int j = 0; j < i; j++) assert(inodes[i] != inodes[j]);
    }
    return 0;
}
