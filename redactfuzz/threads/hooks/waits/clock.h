/* Virtual time in controlled threads: the functions of libc by which C code reads clocks, sleeps, and waits until a time. */
#ifndef RFH_CLOCK_H
#define RFH_CLOCK_H

int rfh_clock_install(void);
void rfh_clock_remove(void);

#endif
