/* What the program wants done about each signal; shared by what delivers them and the models that change it. */
#ifndef RFN_DISPOSITIONS_H
#define RFN_DISPOSITIONS_H

#include <signal.h>
#include <stdint.h>

#include "state/fibers.h"

enum { RFN_SIGNALS = 64 };
enum { RFN_CANCELS = 32 /* what glibc sends a thread that is cancelled; the program can neither send nor block it */ };

extern struct sigaction rfn_actions[RFN_SIGNALS + 1];
extern uint64_t rfn_actions_touched; /* bits of those that differ from the default */

extern uint64_t rfn_pending;         /* for the process, when every thread blocks it */
extern uint64_t rfn_by_kill;         /* bits of those that were sent last to the process, and not to a thread */

static inline uint64_t rfn_bit(int number) { return UINT64_C(1) << (number - 1); }

/* What a signal does that the program has said nothing about. */
typedef enum rfn_fate { RFN_FATE_IGNORED, RFN_FATE_TERMINATED, RFN_FATE_CORE } rfn_fate;
rfn_fate rfn_default_of(int number);

/* Does it run on its alternate stack? */
int rfn_on_alternate(const rfn_fiber *fiber);
/* Runs the handlers of what is pending and not blocked, of the current thread. */
void rfn_deliver_pending(void);
/* None is pending for the process, and none waits behind one that is. */
void rfn_forget_pending(void);
/* It is not pending any more, for the thread or for the process; a real-time signal that was sent again still is. */
void rfn_take(rfn_fiber *fiber, int number);
/* What sigqueue sent with the one that was taken, or that strikes at once; 0: nothing. It is reported once. */
int rfn_sent_with(int number, union sigval *value);
/* Who has sent the one that was taken, or that strikes at once, as the program knows itself. */
void rfn_fill_sender(siginfo_t *info, int number);
/* The fiber has such a signal. */
int rfn_has_signal(const void *fiber);
/* It waits for that, and for one that it awaits (sigwait). */
extern const rfn_condition rfn_any_signal, rfn_awaited_signal;

#endif
