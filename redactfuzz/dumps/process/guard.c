/* See guard.h.
 *
 * The handler needs to know the mappings whoever runs when the signal comes: that is the one state of the process in this library,
 * as the disposition of a signal is. It touches nothing but this table and calls nothing but mmap and sigaction.
 */
#define _GNU_SOURCE
#include "process/guard.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUARDED = 16 }; /* a dump, windows of it in several threads, members of archives inside one another */

static rf_guard *table[GUARDED];
static struct sigaction before;
static uint64_t page;
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;

static uint64_t page_down(uint64_t address) { return address & ~(page - 1); }

static void on_bus_error(int number, siginfo_t *info, void *context) {
    (void)context;
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
    for (int i = 0; i < GUARDED; i++) {
        rf_guard *guard = __atomic_load_n(&table[i], __ATOMIC_ACQUIRE);
        if (guard == NULL || address < guard->start || address - guard->start >= guard->size) continue;
        uint64_t from = page_down(address), end = page_down(guard->start + guard->size + page - 1);
        /* What follows is gone as well: one fault for all of it. */
        void *zeros = mmap((void *)(uintptr_t)from, end - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
        if (zeros == MAP_FAILED) break;
        uint64_t lost = from - guard->start, known = __atomic_load_n(&guard->lost, __ATOMIC_RELAXED);
        while (lost < known && !__atomic_compare_exchange_n(&guard->lost, &known, lost, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
        return;
    }
    /* Not ours: the same access faults again, and the handler that was here before runs. */
    sigaction(number, &before, NULL);
}

int rf_guard_on(rf_guard *guard) {
    int done = -1, free_slot = -1, used = 0;
    guard->lost = guard->size;
    pthread_mutex_lock(&changing);
    page = (uint64_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < GUARDED; i++) {
        if (table[i] != NULL) used++;
        else if (free_slot < 0) free_slot = i;
    }
    if (free_slot >= 0) {
        struct sigaction ours = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigemptyset(&ours.sa_mask);
        if (used > 0 || sigaction(SIGBUS, &ours, &before) == 0) {
            __atomic_store_n(&table[free_slot], guard, __ATOMIC_RELEASE);
            done = 0;
        }
    }
    pthread_mutex_unlock(&changing);
    return done;
}

void rf_guard_off(rf_guard *guard) {
    int used = 0, was = 0;
    pthread_mutex_lock(&changing);
    for (int i = 0; i < GUARDED; i++) {
        if (table[i] == guard) {
            __atomic_store_n(&table[i], (rf_guard *)NULL, __ATOMIC_RELEASE);
            was = 1;
        }
        if (table[i] != NULL) used++;
    }
    if (was && used == 0) sigaction(SIGBUS, &before, NULL);
    pthread_mutex_unlock(&changing);
}
