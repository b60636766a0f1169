/* Threads of libraries. */
#ifndef RFN_ALONE_H
#define RFN_ALONE_H

/* Notes a problem when this process has threads beside ours. */
void rfn_alone(void);

#endif
