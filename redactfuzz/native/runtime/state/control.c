#include "state/control.h"

rfn_control rfn_control_at_load;
void **rfn_exceptions;
