#include "state/program.h"

uintptr_t rfn_base;
uintptr_t rfn_limit;
int rfn_loading;
