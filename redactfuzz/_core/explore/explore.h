/* The verbs of the exploration core: one execution after the other, one choice after the other.
 *
 * The state is one block that the caller supplies (and may share with a forked child, or keep in a file). There
 * are no globals, and nothing is allocated after rf_init.
 *
 *     while (rf_begin(core)) {
 *         rf_pend / rf_block for every thread that exists
 *         while ((c = rf_choose(core)).action != RF_NOTHING) { run c.thread up to its next event; rf_touch; rf_pend / rf_block }
 *         rf_end(core, outcome);
 *     }
 *
 * THE DEFAULT ORDER, from which a schedule is a list of deviations: go on with the current thread while it is
 * enabled and does not yield; else the next enabled thread in cyclic order of thread number; else the timed wait
 * with the earliest deadline (ties: lowest thread) expires; else the first crash trigger fires. A crash trigger is never
 * enabled by default before all threads have ended or are blocked without a timeout. While the only enabled thread spins
 * time passes: a timed wait expires, if there is one.
 */
#ifndef RF_EXPLORE_H
#define RF_EXPLORE_H

#include <stddef.h>
#include <stdint.h>

#include "choices/event.h"
#include "choices/types.h"

size_t rf_size(const rf_stage *stages, uint32_t count, const rf_limits *limits);
/* `block` holds rf_size() zeroed bytes, aligned to 64. Returns 0, or -1 when an argument makes no sense. */
int rf_init(void *block, const rf_stage *stages, uint32_t count, const rf_limits *limits, uint64_t seed);
/* Does the block still have the layout that rf_init gave it for these arguments, and counts within these limits?
 * Whoever shares a block asks this before following anything in it, since others may have written over it. */
int rf_intact(const rf_core *core, const rf_stage *stages, uint32_t count, const rf_limits *limits);

/* Starts the next execution; 0 when every stage is exhausted or has met its limit. */
int rf_begin(rf_core *core);
/* `thread` is enabled and will do `event` next. A trigger is a thread number whose event is RF_CRASH. */
void rf_pend(rf_core *core, uint32_t thread, const rf_event *event);
/* `thread` cannot go on until the runtime pends it again (object released). With RF_TIMED it may be EXPIREd. */
void rf_block(rf_core *core, uint32_t thread, uint32_t object, const rf_event *event);
/* It will do nothing any more: a thread that is gone, a trigger that cannot fire now. */
void rf_withdraw(rf_core *core, uint32_t thread);
rf_choice rf_choose(rf_core *core);
/* The step limit is reached: from here on the execution goes on under a fair scheduler, which records nothing (onward.h). The
 * next RF_STOP means that it would not come to an end. */
void rf_run_on(rf_core *core);
/* What the step really did; edges of spawn, join, acquire, release and end included. */
void rf_touch(rf_core *core, uint32_t thread, const rf_event *event);
/* The same of bytes side by side, from an offset in the first of so many objects of RF_WORD bytes, which have consecutive numbers. */
void rf_touch_words(rf_core *core, uint32_t thread, const rf_event *event, uint32_t words);
/* At a point, before its choice, where rf_status.watched asks: a dump made here would show what it must not. `print` is a hash of
 * that, 0: it shows nothing. */
void rf_shows(rf_core *core, uint32_t print);
/* What steps are reported to touch is more from now on than it was: a reduction begins again. */
void rf_touches_more(rf_core *core);
/* What a reduction goes by beside what steps report is summed up in this number from now on. Parts of a space whose reductions went by
 * different things do not make up the whole: one may have left out what the other had to run. */
void rf_knows(rf_core *core, uint64_t what);
/* Objects are numbered in the order in which an execution meets them, and so many have been met. Before the first call, and
 * where there is none: they have the same numbers in all executions. To be called before each choice. */
void rf_named(rf_core *core, uint32_t objects);
/* RF_NOTES words that are the runtime's, zero after rf_init: what it has learned of the program in executions of this block. */
uint64_t *rf_notes(rf_core *core);
/* The program is dead; what its threads would still do is chosen all the same, for what a reduction learns of that. Trace and status
 * end here, once the execution has ended. At most once in an execution. */
void rf_died(rf_core *core);
/* Ends the execution. `outcome` is any number that the caller wants counted together (0: clean). */
void rf_end(rf_core *core, uint32_t outcome);
/* Of an execution that has ended, where its stage records: as many lines of its record as fit into `size` bytes; 0: there are no
 * more. At least RF_LINE bytes. A line is JSON, and ends with a newline. */
uint32_t rf_proof(rf_core *core, char *out, uint32_t size);

/* rf_pend followed by rf_choose for a thread that just ran: the hot path of every runtime. */
rf_choice rf_step(rf_core *core, uint32_t thread, const rf_event *event);

int rf_replay(rf_core *core, const rf_deviation *deviations, uint32_t count);
/* What stages that follow a way do: these choices, one a step; one that cannot be made is left out. After the last one comes the
 * default order, which is not recorded. -1: there is no room (rf_limits.replay). */
int rf_follow(rf_core *core, const rf_choice *way, uint32_t count);
/* A thread or trigger that the deviations of the replay know as number `from`, which none has, turns out to be `to`: they
 * get their numbers when the scenario declares them, or the program starts them on its way. */
void rf_renumber(rf_core *core, uint32_t from, uint32_t to);
const rf_status *rf_get_status(const rf_core *core);
/* The same as it was when the process died (rf_died); NULL where it has not. */
const rf_status *rf_death(const rf_core *core);
const rf_record *rf_trace(const rf_core *core, uint32_t *count);
rf_stage_report rf_report(const rf_core *core, uint32_t stage);
/* Of a stage that reduces, its conflicts in no order, `index` below RF_CONFLICTS; `times` is 0 where there is none. */
rf_conflict rf_conflict_at(rf_core *core, uint32_t stage, uint32_t index);
/* Where fairness left something out in a stage, `index` below RF_CUTS; 0: there are no more. */
uint64_t rf_cut_at(rf_core *core, uint32_t stage, uint32_t index);
/* Of a stage that notes pairs: those of its last execution, RF_PAIRS of them in no order; NULL: it notes none. */
const rf_pair *rf_pairs(rf_core *core, uint32_t stage);
/* Of all executions so far: the lowest number >= from of a thread that could be displaced at some point (done == 0), or that
 * was (done == 1); 0xffffffff: none. Handlers do not count. */
uint32_t rf_displaced(const rf_core *core, int done, uint32_t from);

#endif
