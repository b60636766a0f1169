/* Which places of the program met over memory in one execution: a thread comes to what another thread has written last. The set of
 * these pairs is what coverage of schedules means here: another order of the same steps has others.
 *
 * A pair is (where it was written, where another thread looks at it), or (where it was written, where another thread writes over it
 * without having looked since): an update that is lost is a pair of the second sort, and of the first one never is (Lu, Tucek, Qin,
 * Zhou: AVIO, ASPLOS 2006, cases of unserialisable accesses).
 */
#ifndef RF_PAIRS_H
#define RF_PAIRS_H

#include "choices/core.h"

enum {
    RF_WRITES = 1u << 14,   /* places whose last writer is known; what is written beyond is not noted */
    RF_WRITE_LISTS = 4096,  /* of the table of objects; a power of two */
    RF_WRITES_WALKED = 64,  /* of one list: a dictionary may have thousands of keys, and each of them is a place */
};

/* The last write to a place of an object. */
typedef struct rf_write {
    uint64_t site;
    uint64_t seen; /* threads that have looked at it since, a bit each: two that share one hide that something was written over */
    uint32_t object;
    uint32_t offset;
    uint32_t size;   /* 0: all of the object */
    uint32_t thread;
    uint32_t before; /* 1 + index of the one before it in its list */
    uint32_t reserved;
} rf_write;

typedef struct rf_pairs_state {
    uint64_t site;   /* where the step stands that runs, */
    uint32_t thread; /* and whose it is */
    uint32_t writes; /* in use */
    uint32_t pairs;
    uint32_t reserved;
    rf_pair pair[RF_PAIRS];
    uint32_t lists[RF_WRITE_LISTS]; /* 1 + index of the last write */
    rf_write write[RF_WRITES];
} rf_pairs_state;

/* An execution begins. */
void rf_pairs_begin(rf_pairs_state *p);
/* This was chosen. */
void rf_pairs_step(rf_core *core, rf_pairs_state *p, const rf_choice *choice);
/* The step touches this. */
void rf_pairs_touch(rf_pairs_state *p, const rf_event *event);

#endif
