// Cancellation and pthread_exit in C++: destructors of all frames run, handlers of pthread_cleanup_push among them, in the order of
// the frames; catch (...) sees it and must pass it on. "swallowed": it does not, "misuse".
#include <cassert>
#include <cstring>
#include <pthread.h>
#include <semaphore.h>
#include <thread>

static sem_t empty, ready;
static int order[8], runs;
static bool swallow;

static void note(void *what)
{
    order[runs++] = static_cast<int>(reinterpret_cast<long>(what));
}

struct Frame {
    long number;
    ~Frame() { note(reinterpret_cast<void *>(number)); }
};

static void blocks(bool exits)
{
    Frame frame{1};
    sem_post(&ready);
    if (exits) pthread_exit(reinterpret_cast<void *>(7));
    sem_wait(&empty);
}

static void middle(bool exits)
{
    pthread_cleanup_push(note, reinterpret_cast<void *>(2));
    blocks(exits);
    pthread_cleanup_pop(0);
}

static void *outer(void *exits)
{
    Frame frame{4};
    try {
        middle(exits != nullptr);
    } catch (...) {
        note(reinterpret_cast<void *>(3));
        if (!swallow) throw;
    }
    return nullptr;
}

int main(int arguments, char **values)
{
    pthread_t thread;
    void *result;
    swallow = arguments > 1 && std::strcmp(values[1], "swallowed") == 0;
    sem_init(&empty, 0, 0);
    sem_init(&ready, 0, 0);
    for (long exits = 0; exits < 2; exits++) {
        runs = 0;
        pthread_create(&thread, nullptr, outer, reinterpret_cast<void *>(exits));
        sem_wait(&ready);
        if (!exits) pthread_cancel(thread);
        pthread_join(thread, &result);
        assert(result == (exits ? reinterpret_cast<void *>(7) : PTHREAD_CANCELED));
        assert(runs == 4);
        for (int i = 0; i < 4; i++) assert(order[i] == i + 1);
    }
    runs = 0;
    std::thread modern([] { outer(reinterpret_cast<void *>(1)); });
    modern.join();
    assert(runs == 4);
    return 0;
}
