/* Where the objects that hold a secret are used: their counts of references, and what buffers hold, change. */
#ifndef RFH_SECRETS_H
#define RFH_SECRETS_H

#include "state/execution.h"

/* From now on it is noted where this object moves. Keeps a reference until rfh_secrets_end. */
void rfh_secrets_watch(PyObject *object);
void rfh_secrets_end(void);
/* The thread is at a point: has a secret moved since the last one, or shortly before? */
int rfh_secret_moved(rfh_thread *t);

#endif
