/* MEGABYTES of memory that was filled before main and that no execution touches, beside two threads that write a little.
 * Expected: no finding; an execution costs the same however much memory there is.
 */
#include <pthread.h>
#include <stddef.h>

#ifndef MEGABYTES
#define MEGABYTES 1
#endif

static unsigned char much[(size_t)MEGABYTES << 20];
static volatile unsigned char little[128];

__attribute__((constructor)) static void fill(void)
{
    for (size_t i = 0; i < sizeof much; i++) much[i] = (unsigned char)(i >> 12);
}

static void *work(void *which)
{
    for (size_t i = 0; i < 8; i++) little[64 * (size_t)which + i] = much[i << 4];
    return NULL;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, work, (void *)0);
    pthread_create(&second, NULL, work, (void *)1);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
