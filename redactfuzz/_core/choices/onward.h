/* Beyond the step limit: a fair scheduler shows whether an execution has an end, or was only long.
 *
 * All threads that can go on have turns of many steps, in cyclic order; after each round of them time passes for those that
 * wait with a timeout. Nothing is recorded any more and nothing is chosen: it is one continuation, the same each time. A crash
 * that has not struck strikes when everybody has ended, as in the default order.
 *
 * A turn in which a thread only reads what it has read before, or yields, and hands over, is idle. When nobody did anything else for many
 * rounds, nobody ever will.
 */
#ifndef RF_ONWARD_H
#define RF_ONWARD_H

#include <stdint.h>

enum {
    RF_ONWARD_TURN = 1000,       /* steps of a turn at least; at most twice as many */
    RF_ONWARD_STEPS = 5000000,   /* that an execution is given in turns that do something */
    RF_ONWARD_TURNS = 200000,    /* that it is given */
    RF_ONWARD_ROUNDS = 200,      /* of idle turns */
    RF_ONWARD_YIELDS = 20000,    /* the same, where some of them were yields: these may be counted */
};

typedef struct rf_onward {
    uint32_t on;
    uint32_t left;  /* steps of this turn */
    uint32_t turn;  /* steps that it had */
    uint32_t does;  /* something was done in it */
    uint32_t idle;  /* turns without that, one after the other */
    uint32_t yields; /* some of these were */
    uint32_t turns;
    uint64_t steps;
} rf_onward;

#endif
