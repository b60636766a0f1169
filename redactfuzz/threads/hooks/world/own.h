/* Descriptors that this package has opened. To a program they are not there: one that closes whatever is open, as daemons do
 * when they begin, closes none of them.
 */
#ifndef RFH_OWN_H
#define RFH_OWN_H

#include "state/execution.h"

int rfh_own_install(void); /* 0 */
void rfh_own_remove(void);
/* Before an execution: which process it is. In one that the program starts from here on nothing is kept. */
void rfh_own_begin(void);

extern PyMethodDef rfh_own_methods[]; /* for the module: see _hooks.pyi */

#endif
