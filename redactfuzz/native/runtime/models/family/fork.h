/* fork: a child runs in a real process of its own, and what its dumps give away is taken in.
 *
 * It has the thread that forked alone. Its memory is its own but for shared mappings (maps.h); files, pipes and what else
 * descriptors lead to are one for all of them (store.h). One of the processes runs at a time (family.h).
 */
#ifndef RFN_FORK_H
#define RFN_FORK_H

#include <stddef.h>

#include "schedule/fiber.h"

typedef void rfn_handler(void);
/* What was registered by pthread_atfork. */
void rfn_atfork_before(void);
void rfn_atfork_after(int in_child);

/* "child-1"; of the twin that is struck in its place "child-1-struck". */
void rfn_child_label(char *text, size_t size);
/* What its core is called; empty in the process that the driver started. */
void rfn_core_of_child(char *text, size_t size);

/* -- struck.c: no crash is scheduled in a child. Where one would show a secret, a twin of the child is struck by it. */

void rfn_twins_reset(void);
/* Adds to rfn_found what the twins of this process gave away. */
void rfn_twins_inspect(void);

#endif
