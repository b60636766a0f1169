/* What makes the choices. A policy is stateless code; its state lies in the block, one for each stage. */
#ifndef RF_POLICY_H
#define RF_POLICY_H

#include "core.h"

typedef struct rf_policy {
    const char *name;
    /* Bytes of state; `room` is the stage's part of the frontier. */
    size_t (*size)(const rf_stage *stage, const rf_limits *limits, size_t room);
    void (*init)(rf_core *core, rf_stage_state *stage);
    void (*begin)(rf_core *core, rf_stage_state *stage);
    /* Called for each event that is announced; may be NULL. */
    void (*pended)(rf_core *core, rf_stage_state *stage, uint32_t thread);
    /* Only called when something can be chosen. To go on undisturbed it sets core->quiet. */
    rf_choice (*choose)(rf_core *core, rf_stage_state *stage, const rf_point *point);
    /* The choice of one that asks nothing but chance, made while `thread`, which could go on, is not yet announced; NULL: there
     * is none. No trigger is due then. */
    rf_choice (*draw)(rf_core *core, uint32_t thread);
    /* 1: there is more to run. */
    int (*end)(rf_core *core, rf_stage_state *stage);
    uint8_t enumerates; /* it searches a space: it shares the frontier, and leaves out what is unfair */
    uint8_t draws;      /* it chooses by chance */
} rf_policy;

/* policies.c: indexed by rf_policy_kind. */
enum { RF_POLICIES = RF_NOVEL + 1 };
extern const rf_policy *const rf_policies[RF_POLICIES];

static inline const rf_policy *rf_policy_of(const rf_stage_state *stage)
{
    return rf_policies[stage->config.policy];
}

static inline rf_stage_state *rf_running_stage(rf_core *core)
{
    return rf_stage_of(core, core->status.stage);
}

extern const rf_policy rf_sequential;
extern const rf_policy rf_random_walk;
extern const rf_policy rf_pct;
extern const rf_policy rf_pos;
extern const rf_policy rf_surw;
extern const rf_policy rf_bounded;
extern const rf_policy rf_exhaustive;
extern const rf_policy rf_replaying;
extern const rf_policy rf_near;
extern const rf_policy rf_novel;

/* The execution met another program than the one it was made for. */
rf_choice rf_diverge(rf_core *core);

/* crash_time.c: when a trigger is due, for the policies that choose at random. */
void rf_draw_crash(rf_core *core, uint32_t trigger);
uint32_t rf_due_trigger(rf_core *core); /* RF_NONE: none */
void rf_next_due(rf_core *core);        /* one has fired: when is the next? */

#endif
