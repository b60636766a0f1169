/* How long nothing happens in this process, by a clock that stands while the machine does not let it run. The rule is that of
 * silence.py, which is for parents: what is told as a hang here was one there as well. */
#ifndef RFH_SILENCE_H
#define RFH_SILENCE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { RFH_LIVES = 128 }; /* threads that are looked at, at most */

/* Of a thread, at one moment. */
typedef struct rfh_life {
    pid_t id;
    char state;           /* R runs or wants to, D waits for a disk, ... */
    uint64_t ran, waited; /* nanoseconds on a processor so far, and in line for one */
    double stands;        /* seconds in which it has waited for a disk without a break */
} rfh_life;

typedef struct rfh_silence {
    struct timespec looked;
    double seconds, by_the_clock;
    uint32_t count; /* of lives, as they were at the last look */
    rfh_life lives[RFH_LIVES];
} rfh_silence;

/* There was a sign of life. */
void rfh_silence_broken(rfh_silence *silence);
/* Whether it is as long as that, in seconds. Asked at every look for a sign of life by one thread, which is not counted itself. */
int rfh_silence_lasts(rfh_silence *silence, double limit);

#endif
