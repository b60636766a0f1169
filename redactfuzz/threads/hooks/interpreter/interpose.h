/* Standing in for functions that C code calls in another object: of libc, and of the interpreter.
 *
 * The interpreter, its extension modules and their libraries reach such a function through a pointer of their own, which the
 * dynamic linker filled in (GOT). That pointer is what we change, in every object that is loaded but libc and ours. Calls
 * inside of one object that its compiler has bound need no pointer, and are not seen.
 *
 * What was changed stays so until the process ends, and looks away in threads that are not controlled.
 */
#ifndef RFH_INTERPOSE_H
#define RFH_INTERPOSE_H

typedef struct rfh_import {
    const char *name;
    void *replacement;
    void *original;
    const char *only; /* in objects whose file is named so; NULL: in all */
} rfh_import;

/* A table ends with a NULL name. From now on its functions stand in, in objects that are loaded later as well (after the
 * next call of rfh_interpose_refresh). */
void rfh_interpose(const rfh_import *table);
/* Objects may have been loaded since: cheap where none were. */
void rfh_interpose_refresh(void);
/* What stands in for a function that is known by its address; NULL where nothing does. */
void *rfh_stands_in_for(const void *original);
/* Does the object that holds `inside` reach the function `name` through a pointer that was changed? */
int rfh_interposed_in(const void *inside, const char *name);

#endif
