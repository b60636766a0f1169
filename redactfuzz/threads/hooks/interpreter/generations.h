/* Generations of the garbage collector. What was alive when it came by is older from then on, and is looked at no more when the
 * youngest is collected: in an execution, where it comes by several times, everything stays young, and nothing else is.
 */
#ifndef RFH_GENERATIONS_H
#define RFH_GENERATIONS_H

/* What survived one collection is among the youngest again. 0: the collector is at work, and nothing was done. */
int rfh_all_are_young(void);
/* Before an execution: what is there now is none of its own. */
void rfh_all_are_old(void);
/* Between executions: what became old so is as young as it was. */
void rfh_old_are_young(void);
/* It is the collector itself that reads a clock, for its statistics (3.15), and no finalizer. */
int rfh_collector_looks(void);

#endif
