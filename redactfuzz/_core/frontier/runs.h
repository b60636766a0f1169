/* Alternatives to what an execution did, stored as runs: the same other choice at every step from lo to hi - 1. While one
 * thread goes on undisturbed its alternatives stay the same, so that a thousand points are one run.
 */
#ifndef RF_RUNS_H
#define RF_RUNS_H

#include "choices/core.h"

enum { RF_MAX_STEPS = (1 << 28) - 1 };

/* A choice in 34 bits: action 2, thread 16, trigger 16. */
#define RF_OPTION_BITS 34

typedef struct rf_run {
    uint64_t key; /* displaced thread << 34 | choice; displaced RF_NO_THREAD: nobody is displaced */
    uint32_t lo;
    uint32_t hi;
} rf_run;

static inline uint64_t rf_pack(const rf_choice *choice)
{
    return (uint64_t)choice->action << 32 | (uint64_t)choice->thread << 16 | choice->trigger;
}

static inline rf_choice rf_unpack(uint64_t option)
{
    rf_choice choice = {(uint16_t)(option >> 16), (uint16_t)option, (uint8_t)(option >> 32 & 3u), 0, 0};
    return choice;
}

/* A choice together with its step. */
static inline uint64_t rf_pack_at(uint64_t option, uint32_t step)
{
    return (uint64_t)step << RF_OPTION_BITS | (option & (((uint64_t)1 << RF_OPTION_BITS) - 1));
}

static inline uint32_t rf_step_of(uint64_t item)
{
    return (uint32_t)(item >> RF_OPTION_BITS);
}

/* Alternatives that displace somebody, by what is chosen: the step of a thread, its expiry, a trigger that strikes one place
 * only, or one of RF_STRIKERS triggers that may strike any thread. */
enum { RF_STRIKERS = 4, RF_STEPS = 0, RF_EXPIRIES, RF_CRASHES, RF_STRIKES, RF_OPTIONS = RF_STRIKES + RF_STRIKERS };

/* What is collected while an execution runs beyond its last deviation. A point of the thread that goes on costs as much as
 * threads were announced since the one before; one where another goes on costs as much as it has alternatives, which are
 * collected all. */
typedef struct rf_collector {
    uint64_t open;             /* offset of rf_run[RF_OPTIONS][threads]: the runs that go on */
    rf_set going[RF_OPTIONS];  /* which of them do */
    rf_set changed;            /* threads announced since the last point, the current one left out */
    uint32_t striker[RF_STRIKERS]; /* triggers; the first `strikers` are known */
    uint32_t strikers;
    uint32_t displaced;
    uint32_t local;    /* the last point was one of RF_LOCAL */
    uint32_t round;    /* of fairness, at the last point: in another one other choices are fair */
    uint32_t went_on;  /* the last point was one of a thread that goes on, and no trigger was armed since */
    uint32_t closed;   /* runs in the scratch area */
    uint32_t overflow; /* something did not fit */
} rf_collector;

uint64_t rf_collector_size(const rf_limits *limits);
void rf_collector_init(rf_core *core, rf_collector *collector, uint64_t offset);
void rf_collector_begin(rf_core *core, rf_collector *collector);
/* `thread` was announced. */
void rf_collector_pended(rf_core *core, rf_collector *collector, uint32_t thread);
/* paid: choices that displace a thread are wanted; strike: crashes are, too. */
void rf_collect(rf_core *core, rf_collector *collector, const rf_point *point, int paid, int strike);
/* Closes what is open and sorts: by key, those that displace nobody by step. Returns the number of runs. */
uint32_t rf_collected(rf_core *core, rf_collector *collector);

#endif
