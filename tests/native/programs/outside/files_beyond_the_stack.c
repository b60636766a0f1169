/* A write whose size is a difference of unlike pointers, from the stack of a thread that has another below its own: the kernel says that
 * there are no such bytes, and nobody faults. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static char far[64];

static void *writes(void *unused)
{
    char here[32] = "here";
    int file = open("report", O_WRONLY | O_CREAT, 0600);
    if (file < 0 || write(file, here, (size_t)(far - here)) != -1) abort();
    if (errno != EFAULT && errno != EINVAL) abort();
    if (write(file, here, sizeof here) != (ssize_t)sizeof here) abort();
    close(file);
    return unused;
}

int main(void)
{
    pthread_t thread[3];
    for (int i = 0; i < 3; i++) pthread_create(&thread[i], NULL, writes, NULL);
    for (int i = 0; i < 3; i++) pthread_join(thread[i], NULL);
    return 0;
}
