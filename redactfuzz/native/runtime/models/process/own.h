/* Resets of the models behind process.h: each puts one thing back, and costs nothing when it was not used. */
#ifndef RFN_OWN_H
#define RFN_OWN_H

void rfn_exits_reset(void);
void rfn_start_reset(void);       /* start area, environ */
void rfn_limits_reset(void);
void rfn_options_reset(void);     /* getopt */
void rfn_tokens_reset(void);      /* strtok */
void rfn_jumps_reset(void);       /* setjmp */

#endif
