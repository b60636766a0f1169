/* Virtual time in controlled threads. */
#ifndef RFH_CLOCK_H
#define RFH_CLOCK_H

int rfh_clock_install(void);
void rfh_clock_remove(void);

#endif
