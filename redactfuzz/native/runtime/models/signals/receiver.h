/* Of several threads that do not block it, which one gets a signal for the process. */
#ifndef RFN_RECEIVER_H
#define RFN_RECEIVER_H

#include <stdint.h>

#include "schedule/fiber.h"

/* The first one that may is usual, and is given where nothing else can be. Perhaps a point. */
rfn_fiber *rfn_receiver_chosen(rfn_fiber *usual, int number, uintptr_t site);

#endif
