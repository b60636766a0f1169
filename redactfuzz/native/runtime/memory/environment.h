/* The program's environment, as it is now. */
#ifndef RFN_ENVIRONMENT_H
#define RFN_ENVIRONMENT_H

#include <stddef.h>

extern char **model_environ; /* data of libc's that programs refer to by name */

/* Where the table has the variable of this name; NULL: nowhere. No event. */
char **rfn_variable(const char *name, size_t length);
/* The value of a variable, as the program's environment is now; NULL: it has none. No event. */
const char *rfn_environment(const char *name);

#endif
