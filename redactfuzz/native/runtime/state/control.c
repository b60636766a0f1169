#include "state/control.h"

#include "base/parts.h"

RFN_STATE rfn_control rfn_control_at_load;
void **rfn_exceptions;
