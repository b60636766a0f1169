/* Waits of C code until a point in virtual time. */
#ifndef RFH_DEADLINES_H
#define RFH_DEADLINES_H

#include "interpreter/interpose.h"

extern const rfh_import rfh_deadlines[];

#endif
