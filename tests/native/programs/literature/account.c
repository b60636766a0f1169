/* Two tellers work on one account. Expected: a failed assert; with -DSAFE none, in any schedule. */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 10;

static void change(int amount)
{
#ifdef SAFE
    pthread_mutex_lock(&lock);
    balance += amount;
    pthread_mutex_unlock(&lock);
#else
    pthread_mutex_lock(&lock);
    int seen = balance;
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
    balance = seen + amount;
    pthread_mutex_unlock(&lock);
#endif
}

static void *deposit(void *unused)
{
    change(5);
    return unused;
}

static void *withdraw(void *unused)
{
    change(-3);
    return unused;
}

int main(void)
{
    pthread_t first, second;
    pthread_create(&first, NULL, deposit, NULL);
    pthread_create(&second, NULL, withdraw, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    pthread_mutex_lock(&lock);
    assert(balance == 12);
    pthread_mutex_unlock(&lock);
    return 0;
}
