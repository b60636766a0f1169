#include "schedule/end.h"

#include "schedule/dispatch.h"
#include "schedule/holders.h"
#include "touch/touch.h"

void rfh_announce_death(void)
{
    if (rfh.phase <= RFH_EXPLORE || rfh.death_announced)
        return;
    rfh.death_announced = 1;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *announced = rfh_announce("died", "()");
    if (announced == NULL)
        rfh_listener_failed();
    Py_XDECREF(announced);
    PyErr_Restore(type, value, traceback);
}

void rfh_announce_switch(void)
{
    if (!rfh.announces_switches || rfh.phase > RFH_EXPLORE)
        return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *announced = rfh_announce("switched", "()");
    if (announced == NULL)
        rfh_listener_failed();
    Py_XDECREF(announced);
    PyErr_Restore(type, value, traceback);
}

void rfh_crash_path_ended(void)
{
    if (--rfh.open_crashes == 0) {
        rfh.dead = 1;
        rfh.deadlocked |= rfh.all_stuck && rfh_all_are_stuck(rfh_me);
        if (rfh.phase <= RFH_EXPLORE) {
            rfh.end_state = RF_ALL_ENDED;
            rfh_touch_death(RF_WRITE);
            rfh_touch_allowed(RF_READ);
            if (!rfh_goes_on_after())
                rfh_start_drain();
            rfh_announce_death();
        }
    }
}

void rfh_die(void)
{
    rfh.dead = 1;
    rfh.end_state = RF_ALL_ENDED;
    rfh_start_drain();
    rfh_announce_death();
}
