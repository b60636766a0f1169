/* Points at which a crash would end in a dump by the kernel, while a reduction runs: it is not made there, but looked for. */
#ifndef RFN_EXPOSURE_POINTS_H
#define RFN_EXPOSURE_POINTS_H

/* The crash is about to be armed. The flags of its event (rf_event_flags). */
unsigned char rfn_crash_flags(void);
/* Is the crash a step like others, or is there none? Then nobody looks at dumps between two points. */
int rfn_crash_is_a_step(void);

#endif
