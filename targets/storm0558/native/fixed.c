/* One thread signs, one rotates; a retired key stays listed, because a thread may still be signing with it. */
/* redactfuzz run fixed.c --cflag -lcrypto --canary 'signing key=rsa' --canary 'next key=rsa' */
#define _GNU_SOURCE
#include "signer.h"

static void retire(struct key key)
{
    give_back(key);
}

static void *rotate(void *unused)
{
    self = 2;
    pthread_mutex_lock(&lock);
    struct key old = keys[active];
    active++;
    pthread_mutex_unlock(&lock);
    retire(old);
    return unused;
}

static void *serve(void *unused)
{
    static unsigned char token[SIGNATURE];
    self = 1;
    struct key key = take();
    sign(key, "sub=alice", token);
    give_back(key);
    return unused;
}

int main(void)
{
    start();
    pthread_t server, operator;
    pthread_create(&server, NULL, serve, NULL);
    pthread_create(&operator, NULL, rotate, NULL);
    pthread_join(server, NULL);
    pthread_join(operator, NULL);
    return 0;
}
