/* Descriptors 1 and 2 are led elsewhere: what was written by then is looked at, wherever they led. */
#ifndef RFH_LEADS_H
#define RFH_LEADS_H

/* `fd` is about to be another one, or closed. 0, or -1 with an exception set. */
int rfh_leads_elsewhere(int fd);
int rfh_leads_install(void);
void rfh_leads_remove(void);

#endif
