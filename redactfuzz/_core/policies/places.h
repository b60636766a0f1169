/* Which steps touch which places of memory, learned from one execution in which the runtime reports it (rf_status.pairs). A site stands for
 * the steps that begin there: what they touched is a guess at what the next one from there will. It is for runtimes that announce no objects.
 */
#ifndef RF_PLACES_H
#define RF_PLACES_H

#include "choices/core.h"

/* Room; what does not fit is left out. Powers of two, and of each table three quarters are used, so that a search in it ends. */
enum { RF_PLACES_MOST = 4096, RF_PLACES_SITES = 2048, RF_PLACES_TOUCHES = 8192, RF_PLACES_STEPS = 16384 };

typedef struct rf_place {
    uint32_t object; /* 0: none is kept here */
    uint32_t offset; /* 0: all of the object */
    uint16_t thread; /* the first that touched it */
    uint8_t several; /* others did as well */
    uint8_t changed;
    uint8_t bit;     /* + 1; 0: nothing that threads have to do with one another */
    uint8_t reserved[3];
} rf_place;

/* Each place that several threads touch, and one of them changes, has a bit; beyond 64 of them some have one together. */
typedef struct rf_places_site {
    uint64_t site; /* 0: none is kept here */
    uint64_t touches;
    uint64_t changes;
} rf_places_site;

/* Steps from this site have touched this place. */
typedef struct rf_places_touch {
    uint16_t place; /* + 1; 0: none is kept here */
    uint16_t site;
    uint32_t changes;
} rf_places_touch;

typedef struct rf_places_step {
    uint16_t site;
    uint16_t thread;
} rf_places_step;

typedef struct rf_places {
    rf_place places[RF_PLACES_MOST];
    rf_places_site sites[RF_PLACES_SITES];
    rf_places_touch touches[RF_PLACES_TOUCHES];
    rf_places_step steps[RF_PLACES_STEPS];
    uint32_t used_places;
    uint32_t used_sites;
    uint32_t used_touches;
    uint32_t used_steps;
    uint32_t site; /* index of that of the step that runs; RF_NONE: none */
    uint32_t thread;
} rf_places;

/* The execution begins: the runtime is asked. */
void rf_places_begins(rf_core *core, rf_places *learned);
/* A step of `thread` begins at `site` (0: something else happens). */
void rf_places_enters(rf_places *learned, uint64_t site, uint32_t thread);
void rf_places_touched(rf_places *learned, const rf_event *event);
/* It is over: from now on the sites have their bits. */
void rf_places_ends(rf_places *learned);
/* The bits of the places that steps from there touch; 0: none, or no step from there was seen. */
uint64_t rf_places_touches(const rf_places *learned, uint64_t site);

#endif
