#include "state/self.h"

unsigned rfn_self_of_family;
int rfn_twin;
