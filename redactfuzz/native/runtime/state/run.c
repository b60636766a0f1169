#include "state/run.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/parts.h"
#include "state/found.h"
#include "state/program.h"

RFN_STATE rfn_run rfn;
rfn_inspection rfn_found;

void rfn_problem_noted(const rfn_problem_note *note)
{
    for (uint32_t i = 0; i < rfn.problems; i++) {
        if (rfn.problem[i].kind == note->kind && strcmp(rfn.problem[i].what, note->what) == 0) {
            return;
        }
    }
    if (rfn.problems < RFN_PROBLEMS) {
        rfn.problem[rfn.problems++] = *note;
    }
}

void rfn_problem(rfn_problem_kind kind, uintptr_t site, const char *what, ...)
{
    rfn_problem_note note = {.kind = kind, .site = rfn_site(site)};
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(note.what, sizeof note.what, what, arguments);
    va_end(arguments);
    rfn_problem_noted(&note);
}

/* What belongs to the batch stays: the core, the control block and the vault. */
static void reset(void)
{
    if (rfn.problems > 0) {
        memset(rfn.problem, 0, rfn.problems * sizeof *rfn.problem);
    }
    if (rfn.summary[0] != 0) {
        memset(rfn.summary, 0, sizeof rfn.summary);
    }
    while (rfn.strikes > 0) {
        rfn.strike[--rfn.strikes] = (rfn_strike){0};
    }
    rfn.granularity = 0;
    rfn.end = RFN_RUNNING;
    rfn.bug = RFN_BUG_NONE;
    rfn.runs_on = 0;
    rfn.reduces = 0;
    rfn.touches = 0;
    rfn.whole = 0;
    rfn.profiles = 0;
    rfn.family = 0;
    rfn.dead = 0;
    rfn.killed = 0;
    rfn.bug_thread = 0;
    rfn.victim = NULL;
    rfn.leader = RFN_MAIN;
    rfn.bug_site = 0;
    rfn.bug_at = 0;
    rfn.status = 0;
    rfn.terminated = 0;
    rfn.redactions = 0;
    rfn.allowed = 0;
    rfn.allowed_at_strike = 0;
    rfn.alive = 1;
    rfn.enabled = 0;
    rfn.timed = 0;
    rfn.problems = 0;
}

RFN_PART(RFN_ON_STATE, run, .reset = reset);
