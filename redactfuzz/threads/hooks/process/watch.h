/* Who watches the explorer: C code that never gives the interpreter lock back stops every thread of Python, ours too. */
#ifndef RFH_WATCH_H
#define RFH_WATCH_H

#include <Python.h>
#include <stdint.h>

/* The exit status of a process that was ended because nothing in it could run any more. */
enum { RFH_WATCH_STATUS = 70 };

int rfh_watch_install(void);
void rfh_watch_remove(void);
/* In a forked child there is nobody who watches: its parent does. */
void rfh_watch_forget(void);
extern PyMethodDef rfh_watch_methods[]; /* see _hooks.pyi */
/* An execution begins and ends; `title` lives as long. The explorer has the lock: it beats. */
void rfh_watch_begin(const char *title, uint64_t number, double hang_seconds);
void rfh_watch_beat(void);
void rfh_watch_end(void);

#endif
