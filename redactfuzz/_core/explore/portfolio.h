/* Which stage of a portfolio has the next execution. */
#ifndef RF_PORTFOLIO_H
#define RF_PORTFOLIO_H

#include "choices/core.h"

/* Makes it the one of `core->status`; 0: no stage has anything left to run. */
int rf_next_stage(rf_core *core);

#endif
