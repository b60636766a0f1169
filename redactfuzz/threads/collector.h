/* The garbage collector is off while executions run: when it came by would follow from all that was ever made. A program that
 * asks, or turns it off and on, sees what it would see without us.
 */
#ifndef RFH_COLLECTOR_H
#define RFH_COLLECTOR_H

int rfh_collector_install(void); /* 0, or -1 with an exception set */
void rfh_collector_remove(void);
void rfh_collector_begin(void); /* before an execution */

#endif
