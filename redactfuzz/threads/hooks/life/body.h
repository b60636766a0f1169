/* The life of a thread of the scenario in a worker of the pool. */
#ifndef RFH_BODY_H
#define RFH_BODY_H

#include "state/execution.h"

/* Attaches a fresh PyThreadState, runs what the thread is for and takes leave, but for rfh_ended. */
void rfh_run_thread(rfh_thread *t);

#endif
