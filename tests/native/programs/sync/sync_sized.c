/* Atomics of sizes for which there is no instruction: calls of libatomic, each of which is one step. "lost": one that is read and
 * stored in two steps. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

typedef struct wide {
    long parts[5];
} wide;

static _Atomic wide counted, replaced;
static _Atomic double sum;

static void *adds(void *unused)
{
    wide before = atomic_load(&counted), after;
    do {
        after = before;
        for (int i = 0; i < 5; i++) after.parts[i]++;
    } while (!atomic_compare_exchange_weak(&counted, &before, after));
    before = atomic_exchange(&replaced, after);
    for (int i = 1; i < 5; i++) assert(before.parts[i] == before.parts[0]);
    sum += 0.5;
    return unused;
}

static void *loses(void *unused)
{
    wide one = atomic_load(&counted);
    one.parts[0]++;
    atomic_store(&counted, one);
    return unused;
}

int main(int arguments, char **values)
{
    int two_steps = arguments > 1 && strcmp(values[1], "lost") == 0;
    pthread_t threads[2];
    wide end;
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, two_steps ? loses : adds, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    end = atomic_load(&counted);
    assert(end.parts[0] == 2);
    assert(two_steps || (end.parts[4] == 2 && sum == 1.0 && !atomic_is_lock_free(&counted)));
    return 0;
}
