/* A process and its children of fork, of which one runs at a time.
 *
 * A child runs first, until it has ended or all its threads wait for what others can give. Then its parent goes on; the child
 * does again when its parent waits, sleeps or looks whether it has ended, and at the latest when its parent has ended.
 */
#ifndef RFN_FAMILY_H
#define RFN_FAMILY_H

#include <signal.h>
#include <sys/types.h>

#include "schedule/fiber.h"
#include "state/found.h"
#include "state/run.h"

/* What a verdict says of a program that forks. */
#define RFN_FORKS "a child of fork takes part: the processes run in one order, a crash strikes the child at some of its calls"

/* What a child leaves, in memory that its parent sees. */
typedef struct rfn_child_report {
    rfn_inspection found;
    uint32_t end;      /* rfn_end; RFN_RUNNING: it has not ended, or said nothing */
    int status;
    int terminated;    /* by this signal, without a core */
    uint32_t bug;
    uint64_t bug_site;
    uint64_t redactions;
    uint64_t now;      /* virtual time */
    uint64_t sent;     /* signals to it, bits */
    uint64_t answered; /* signals from it to its parent */
    uint8_t moved;     /* it went on when it could */
    uint8_t orphaned;  /* its parent has ended: it never waits for it again */
    uint32_t problems;
    char summary[RFN_TEXT];
    rfn_problem_note problem[RFN_PROBLEMS];
} rfn_child_report;

/* Zeroed memory of this process and those it forks, in no dump. */
void *rfn_family_memory(size_t size);
/* What it found is to be left where nobody but its parent looks; this process is that child's twin. */
void rfn_family_left(rfn_child_report *left);

/* `decide` of rfn_leave: lets children go on. */
rfn_fiber *rfn_children_go_on(void *fiber);
/* A condition: a child that `waitpid` would report. `object`: an rfn_wanted. */
typedef struct rfn_wanted {
    pid_t process; /* -1: any */
} rfn_wanted;
extern const rfn_condition rfn_child_ends;
/* Takes such a child: its number and status. 0: there is none yet; -1: there never will be. */
pid_t rfn_child_take(const rfn_wanted *wanted, int *status);
/* A child whose parent has ended. */
int rfn_is_orphan(void);
/* What getppid gives. */
pid_t rfn_parent(void);

/* A process of ours that dies, or has died: its core gets the name of `label`, and a death that was not reported is reported. */
void rfn_buried(pid_t process, const char *label, int *status, rfn_child_report *left);

/* This process has ended: its children run to their end. Before files are looked at. */
void rfn_family_ends(void);
/* In a child that will end: leaves its parent what that has to know. */
void rfn_child_leaves(void);
/* A child has come to its end: hands over what was found, and ends its process. */
_Noreturn void rfn_child_ended(void);
/* Adds to rfn_found what the children's dumps gave away. */
void rfn_children_inspect(void);
void rfn_found_add(const rfn_inspection *found);

#endif
