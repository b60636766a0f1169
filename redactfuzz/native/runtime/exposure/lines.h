/* Lines of memory as they were at the point before, so that only what has changed is looked at. */
#ifndef RFN_LINES_H
#define RFN_LINES_H

#include <stdint.h>

void rfn_lines_begins(void);
/* From now on every line has changed. */
void rfn_lines_forget(void);
/* Whether it has, since it was asked about before. */
int rfn_line_changed(const uint64_t *line);
/* There is no room for more. */
int rfn_lines_full(void);

#endif
