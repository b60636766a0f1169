#include "state/run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state/found.h"
#include "state/program.h"

rfn_run rfn;
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

_Noreturn void rfn_internal(const char *what, ...)
{
    char text[RFN_TEXT];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(text, sizeof text, what, arguments);
    va_end(arguments);
    fprintf(stderr, "redactfuzz driver: %s\n", text);
    _exit(RFN_INTERNAL);
}
