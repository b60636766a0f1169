/* Two threads write their own cells of an array, EVENTS stores each. Expected: no finding; an event costs the same whether an
 * execution has ten or a hundred thousand.
 */
#include <pthread.h>
#include <stddef.h>

#ifndef EVENTS
#define EVENTS 10
#endif

static volatile unsigned cells[2][64];

static void *count(void *which)
{
    volatile unsigned *mine = cells[(size_t)which];
    for (unsigned i = 0; i < EVENTS; i++) mine[i & 63u] = i;
    return NULL;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, count, (void *)0);
    pthread_create(&second, NULL, count, (void *)1);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
