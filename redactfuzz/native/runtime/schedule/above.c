#include "schedule/above.h"

rfn_callbacks rfn_above;
