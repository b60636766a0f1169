/* What makes the choices. A policy is stateless code; its state lies in the block, one for each stage. */
#ifndef RF_POLICY_H
#define RF_POLICY_H

#include "choices/core.h"

typedef struct rf_policy {
    const char *name;
    /* Bytes of state; `room` is the stage's part of the frontier. */
    size_t (*size)(const rf_stage *stage, const rf_limits *limits, size_t room);
    void (*init)(rf_core *core, rf_stage_state *stage);
    void (*begin)(rf_core *core, rf_stage_state *stage);
    /* Called for each event that is announced; may be NULL. */
    void (*pended)(rf_core *core, rf_stage_state *stage, uint32_t thread);
    /* Called for what a step reports it has touched beside what it announced, as a whole. 0: nothing more is asked of it; may be
     * NULL: everything is. */
    int (*touches)(rf_core *core, rf_stage_state *stage, const rf_event *event);
    /* And for each object of it; may be NULL. */
    void (*touched)(rf_core *core, rf_stage_state *stage, const rf_event *event);
    /* Only called when something can be chosen. To go on undisturbed it sets core->quiet. */
    rf_choice (*choose)(rf_core *core, rf_stage_state *stage, const rf_point *point);
    /* The choice of one that asks nothing but chance, made while `thread`, which could go on, is not yet announced; NULL: there
     * is none. No trigger is due then. */
    rf_choice (*draw)(rf_core *core, uint32_t thread);
    /* 1: there is more to run. */
    int (*end)(rf_core *core, rf_stage_state *stage);
    /* See rf_proof; NULL: it records nothing. */
    uint32_t (*proof)(rf_core *core, rf_stage_state *stage, char *out, uint32_t size);
    /* See rf_conflict; RF_CONFLICTS of them, NULL: it knows none. */
    const rf_conflict *(*conflicts)(rf_core *core, rf_stage_state *stage);
    /* See rf_pairs; NULL: it notes none. */
    const rf_pair *(*pairs)(rf_core *core, rf_stage_state *stage);
    uint8_t enumerates; /* it searches a space: it shares the frontier, and leaves out what is unfair */
    uint8_t draws;      /* it chooses by chance */
} rf_policy;

/* policies.c: indexed by rf_policy_kind. */
enum { RF_POLICIES = RF_WALK + 1 };
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
extern const rf_policy rf_dpor;
extern const rf_policy rf_walk;

/* policy_replay.c: bytes for the deviations. */
size_t rf_replay_size(const rf_limits *limits);
/* The next choice of the way that was given which can be made here; 0: it is at its end. */
void rf_way_begins(rf_core *core);
int rf_next_on_way(rf_core *core, rf_choice *choice);

#endif
