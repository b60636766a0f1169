/* Which steps touch which places of memory, learned from one execution in which the runtime reports it (rf_status.pairs). A site stands for
 * the steps that begin there: what they touched is a guess at what the next one from there will. It is for runtimes that announce no objects.
 */
#ifndef RF_TOLD_H
#define RF_TOLD_H

#include "choices/core.h"

/* Room; what does not fit is left out. Powers of two, and of each table three quarters are used, so that a search in it ends. */
enum { RF_TOLD_PLACES = 4096, RF_TOLD_SITES = 2048, RF_TOLD_TOUCHES = 8192, RF_TOLD_STEPS = 16384 };

typedef struct rf_told_place {
    uint32_t object; /* 0: none is kept here */
    uint32_t offset; /* 0: all of the object */
    uint16_t thread; /* the first that touched it */
    uint8_t several; /* others did as well */
    uint8_t changed;
    uint8_t bit;     /* + 1; 0: nothing that threads have to do with one another */
    uint8_t reserved[3];
} rf_told_place;

/* Each place that several threads touch, and one of them changes, has a bit; beyond 64 of them some have one together. */
typedef struct rf_told_site {
    uint64_t site; /* 0: none is kept here */
    uint64_t touches;
    uint64_t changes;
} rf_told_site;

/* Steps from this site have touched this place. */
typedef struct rf_told_touch {
    uint16_t place; /* + 1; 0: none is kept here */
    uint16_t site;
    uint32_t changes;
} rf_told_touch;

typedef struct rf_told_step {
    uint16_t site;
    uint16_t thread;
} rf_told_step;

typedef struct rf_told {
    rf_told_place places[RF_TOLD_PLACES];
    rf_told_site sites[RF_TOLD_SITES];
    rf_told_touch touches[RF_TOLD_TOUCHES];
    rf_told_step steps[RF_TOLD_STEPS];
    uint32_t used_places;
    uint32_t used_sites;
    uint32_t used_touches;
    uint32_t used_steps;
    uint32_t site; /* index of that of the step that runs; RF_NONE: none */
    uint32_t thread;
} rf_told;

/* The execution begins: the runtime is asked. */
void rf_told_begins(rf_core *core, rf_told *told);
/* A step of `thread` begins at `site` (0: something else happens). */
void rf_told_enters(rf_told *told, uint64_t site, uint32_t thread);
void rf_told_touched(rf_told *told, const rf_event *event);
/* It is over: from now on the sites have their bits. */
void rf_told_ends(rf_told *told);
/* The bits of the places that steps from there touch; 0: none, or no step from there was seen. */
uint64_t rf_told_touches(const rf_told *told, uint64_t site);

#endif
