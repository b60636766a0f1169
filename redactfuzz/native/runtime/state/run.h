/* The execution that runs: its exploration core, its plan, and how it came to its end. */
#ifndef RFN_RUN_H
#define RFN_RUN_H

#include <stdarg.h>

#include "base/os.h"
#include "explore/explore.h"
#include "state/fibers.h"
#include "state/outcome.h"
#include "state/plan.h"

enum { RFN_TEXT = 256, RFN_PROBLEMS = 16, RFN_STRIKES = RFN_TRIGGERS };

typedef struct rfn_strike {
    uint32_t trigger, thread, step;
    uint64_t site;
} rfn_strike;

typedef struct rfn_problem_note {
    rfn_problem_kind kind;
    uint64_t site;
    char what[RFN_TEXT];
} rfn_problem_note;

typedef struct rfn_run {
    rf_core *core;
    rfn_control_block *control_block;
    uint8_t *vault;
    uint8_t granularity;  /* rf_granularity of this execution */
    uint8_t end;          /* rfn_end */
    uint8_t bug;          /* rfn_bug_kind */
    uint8_t strikes;      /* triggers that have fired */
    uint8_t runs_on;      /* beyond the step limit, under a fair scheduler */
    uint8_t whole;        /* a whole space is searched: see rf_status */
    uint8_t reduces;      /* partial order reduction: what steps touch is reported, and what of that a dump shows */
    uint8_t touches;      /* what steps touch is reported: touched.h; for a reduction, or for the pairs of a replay */
    uint8_t shows_otherwise; /* with that: since the point before, what a dump holds or may show has changed */
    uint8_t profiles;     /* where the secret moves is marked: moves.h */
    uint8_t family;       /* this process has forked, or is a child: family.h */
    uint8_t dead;         /* it has come to its end; what threads would still do is seen all the same: after.h */
    uint8_t killed;       /* by a signal or an outside dumper: there may be a core, even if the end is a bug */
    uint32_t bug_thread;
    rfn_fiber *victim;    /* whose registers a core shows first: it died, or was struck */
    uint32_t leader;      /* thread that the kernel calls the process by: the first one, of a child of fork that which forked */
    uint64_t bug_site;
    uintptr_t bug_at; /* the byte that it is about, in the heap or on a stack; 0: none */
    int status;           /* of exit, or the signal */
    int terminated;       /* by this signal, without a core */
    uint64_t redactions;
    uint64_t allowed;     /* bits, by canary: in legitimate use now */
    uint64_t allowed_at_strike;
    rfn_strike strike[RFN_STRIKES];
    uint32_t alive;       /* threads */
    uint32_t enabled;     /* threads that are parked and can go on */
    uint32_t timed;       /* threads that wait with a deadline */
    uint32_t problems;
    rfn_problem_note problem[RFN_PROBLEMS];
    char summary[RFN_TEXT];
} rfn_run;

extern rfn_run rfn;

/* The canaries of the batch, as Python laid them into the vault. */
static inline rfn_vault_canary *rfn_canaries(void)
{
    return (rfn_vault_canary *)(void *)(rfn.vault + sizeof(rfn_vault));
}

static inline const rfn_vault_canary *rfn_canary(uint32_t index) { return &rfn_canaries()[index]; }

/* Noted once for each `what`. */
void rfn_problem_noted(const rfn_problem_note *note);
#endif
