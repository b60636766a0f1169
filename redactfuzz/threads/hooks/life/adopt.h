/* Threads that the code under test starts by itself: they are put under control as they start. */
#ifndef RFH_ADOPT_H
#define RFH_ADOPT_H

int rfh_adopt_install(void);
void rfh_adopt_remove(void);

#endif
