#include "schedule/looks.h"

#include <time.h>

#include "schedule/outside.h"
#include "state/objects.h"

char rfh_anything;

static int sees(const rfh_thread *t) { return t->look == NULL || t->look->ready(t->look->what); }

void rfh_moved(void)
{
    if (rfh_me == NULL)
        rfh_outside_released(&rfh_anything);
    else
        rfh_look_again();
}

void rfh_look_again(void)
{
    for (uint16_t i = 0; rfh.looking > 0 && i < rfh.count; i++) {
        rfh_thread *t = rfh.threads[i];
        if (t->state == RFH_BLOCKED && t->waits_for == &rfh_anything && sees(t))
            rfh_go_on(t);
    }
}

/* -- somebody else, in real time -------------------------------------------------------------------------------------- */

static int looks_outside(const rfh_thread *t)
{
    return t->state == RFH_BLOCKED && t->look && t->look->reach(t->look->what) != RFH_BY_US;
}

/* Those outside are given so many naps in the life of a process, and afterwards one at a time. */
enum { NAPS = 30 };
static int naps;

static int nap(void)
{
    static const struct timespec time = {0, 10 * 1000 * 1000};
    rfh.progress++;
    nanosleep(&time, NULL); /* we may have the interpreter lock: they are no threads of ours */
    return naps++ < NAPS;
}

int rfh_looks_outside(void)
{
    for (uint16_t i = 0; rfh.looking > 0 && i < rfh.count; i++)
        if (looks_outside(rfh.threads[i]))
            return i + 1;
    return 0;
}

int rfh_looks_help(void)
{
    int helped = 0;
    for (int more = 1; more && !helped && rfh_looks_outside();) {
        more = nap();
        for (uint16_t i = 0; i < rfh.count; i++) {
            rfh_thread *t = rfh.threads[i];
            if (looks_outside(t) && sees(t)) {
                rfh_go_on(t);
                helped = 1;
            }
        }
    }
    return helped;
}

int rfh_came_late(const rfh_look *look)
{
    if (look->ready(look->what))
        return 1;
    if (rfh.phase > RFH_AFTER || look->reach(look->what) != RFH_BY_OTHERS)
        return 0; /* who is in this process has had its turn */
    for (int more = 1; more;) {
        more = nap();
        if (look->ready(look->what))
            return 1;
    }
    rfh.looked_in_vain = (uint16_t)(rfh_me->id + 1);
    return 0;
}
