/* What printf and its family look at beside their format: the values, and the text behind those of %s. */
#ifndef RFN_FORMATS_H
#define RFN_FORMATS_H

#include <stdarg.h>

/* Reports it, in the step that formats. Where it is not known (wide characters, numbered values, %n) the step has touched everything. */
void rfn_touched_values(const char *format, va_list values);

#endif
