/* What is reported of the executions of a batch, and when enough of them have had nothing new. */
#ifndef RFN_REPORTED_H
#define RFN_REPORTED_H

/* Whether the execution that has ended leaked somewhere, or had a problem, that was not reported in this batch. */
int rfn_new_leak(void);
int rfn_new_problem(void);
/* A leak in memory is known, and for long no other was met. */
int rfn_leaks_enough(void);

#endif
