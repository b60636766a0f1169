#include "state/self.h"

#include "base/parts.h"

RFN_STATE unsigned rfn_self_of_family;
RFN_STATE int rfn_twin;
