/* Tools of sys.monitoring in the threads of a scenario are noticed (sys.settrace and sys.setprofile: see audit.c). */
#ifndef RFH_TRACERS_H
#define RFH_TRACERS_H

int rfh_tracers_install(void); /* 0, or -1 with an exception set */
void rfh_tracers_remove(void);

#endif
