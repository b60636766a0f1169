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

/* What belongs to the batch stays: the core, the board and the vault. */
static void reset(void)
{
    if (rfn.problems > 0) {
        memset(rfn.problem, 0, rfn.problems * sizeof *rfn.problem);
    }
    memset(&rfn.granularity, 0, offsetof(rfn_run, problem) - offsetof(rfn_run, granularity));
    if (rfn.summary[0] != 0) {
        memset(rfn.summary, 0, sizeof rfn.summary);
    }
    rfn.alive = 1;
    rfn.leader = RFN_MAIN;
}

RFN_PART(RFN_ON_STATE, run, .reset = reset);
