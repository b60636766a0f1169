/* What is done once: by one thread, while the others wait for it to be done. A routine whose thread exits or is cancelled in it is
 * done again by the next (with -fexceptions, as in C++; without, its frames have nothing to run). "again" (from inside itself): a
 * deadlock. */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <threads.h>

static pthread_once_t flag = PTHREAD_ONCE_INIT, inner = PTHREAD_ONCE_INIT, broken = PTHREAD_ONCE_INIT;
static once_flag c11 = ONCE_FLAG_INIT;
static int begun, done, times, attempts;

static void makes(void)
{
    begun++;
    sched_yield();
    done++;
}

static void counts(void)
{
    times++;
}

static void *uses(void *unused)
{
    assert(pthread_once(&flag, makes) == 0);
    assert(begun == 1 && done == 1);
    call_once(&c11, counts);
    assert(times == 1);
    return unused;
}

static void calls_itself(void)
{
    pthread_once(&inner, calls_itself);
}

static void gives_up_once(void)
{
    if (attempts++ == 0) pthread_exit(NULL);
}

static void *tries(void *unused)
{
    pthread_once(&broken, gives_up_once);
    return unused;
}

int main(int arguments, char **values)
{
    const char *what = arguments > 1 ? values[1] : "";
    pthread_t threads[3];
    if (strcmp(what, "again") == 0) pthread_once(&inner, calls_itself);
    if (strcmp(what, "exit") == 0) {
        for (int i = 0; i < 2; i++) {
            pthread_create(&threads[0], NULL, tries, NULL);
            pthread_join(threads[0], NULL);
        }
        assert(attempts == 2);
        return 0;
    }
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, uses, NULL);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    uses(NULL);
    return 0;
}
