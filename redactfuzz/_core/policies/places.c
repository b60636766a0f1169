#include "policies/places.h"

enum { TOUCHES = 1, CHANGES = 2 };

void rf_places_begins(rf_core *core, rf_places *learned)
{
    learned->site = RF_NONE;
    core->status.pairs = 1;
}

/* Where a site is, or would be. */
static uint32_t site_at(const rf_places *learned, uint64_t site)
{
    uint32_t at = (uint32_t)rf_mix(site) & (RF_PLACES_SITES - 1);
    while (learned->sites[at].site != 0 && learned->sites[at].site != site) {
        at = (at + 1) & (RF_PLACES_SITES - 1);
    }
    return at;
}

void rf_places_enters(rf_places *learned, uint64_t site, uint32_t thread)
{
    uint32_t at = site_at(learned, site);
    rf_places_step step = {(uint16_t)at, (uint16_t)thread};
    learned->site = RF_NONE;
    if (site == 0 || learned->used_steps == RF_PLACES_STEPS) {
        return;
    }
    if (learned->sites[at].site == 0) {
        if (learned->used_sites == RF_PLACES_SITES / 4 * 3) {
            return;
        }
        learned->used_sites++;
        learned->sites[at].site = site;
    }
    learned->site = at;
    learned->thread = thread;
    learned->steps[learned->used_steps++] = step;
}

static uint32_t place_at(const rf_places *learned, uint32_t object, uint32_t offset)
{
    uint32_t at = (uint32_t)rf_mix((uint64_t)object << 32 | offset) & (RF_PLACES_MOST - 1);
    while (learned->places[at].object != 0 && (learned->places[at].object != object || learned->places[at].offset != offset)) {
        at = (at + 1) & (RF_PLACES_MOST - 1);
    }
    return at;
}

/* The step that runs has touched this place. */
static void note(rf_places *learned, uint32_t place, uint32_t how)
{
    uint32_t at = (uint32_t)rf_mix((uint64_t)place << 32 | learned->site) & (RF_PLACES_TOUCHES - 1);
    rf_places_touch *touch = &learned->touches[at];
    while (touch->place != 0 && (touch->place != place + 1 || touch->site != learned->site)) {
        at = (at + 1) & (RF_PLACES_TOUCHES - 1);
        touch = &learned->touches[at];
    }
    if (touch->place == 0) {
        if (learned->used_touches == RF_PLACES_TOUCHES / 4 * 3) {
            return;
        }
        learned->used_touches++;
        touch->place = (uint16_t)(place + 1);
        touch->site = (uint16_t)learned->site;
    }
    touch->changes |= how;
}

/* Is it a place of memory, or something that is taken and given? What is unknown is none, nor what lies above: a clock, how far an end is. */
static int is_place(const rf_event *event)
{
    const uint32_t others = 1u | 1u << RF_SPAWN | 1u << RF_OPAQUE | 1u << RF_CRASH;
    return event->object != RF_OBJECT_UNKNOWN && event->object <= RF_OBJECT_LAST && (event->flags & RF_LOCAL) == 0
           && !(others >> (event->kind & 15u) & 1u);
}

void rf_places_touched(rf_places *learned, const rf_event *event)
{
    uint32_t offset = event->size == 0 ? 0 : event->offset;
    uint32_t at;
    rf_place *place;
    if (learned->site == RF_NONE || !is_place(event)) {
        return;
    }
    at = place_at(learned, event->object, offset);
    place = &learned->places[at];
    if (place->object == 0) {
        rf_place fresh = {.object = event->object, .offset = offset, .thread = (uint16_t)learned->thread};
        if (learned->used_places == RF_PLACES_MOST / 4 * 3) {
            return;
        }
        learned->used_places++;
        *place = fresh;
    }
    place->several |= place->thread != learned->thread;
    place->changed |= event->kind != RF_READ;
    note(learned, at, event->kind != RF_READ ? TOUCHES | CHANGES : TOUCHES);
}

/* Who touches all of an object touches each place of it: then it is one place. */
static rf_place *joined(rf_places *learned, rf_place *place)
{
    rf_place *whole = &learned->places[place_at(learned, place->object, 0)];
    return whole->object != 0 ? whole : place;
}

void rf_places_ends(rf_places *learned)
{
    uint32_t bits = 0;
    learned->site = RF_NONE;
    for (uint32_t i = 0; i < RF_PLACES_MOST; i++) {
        rf_place *place = &learned->places[i];
        if (place->object != 0) {
            rf_place *whole = joined(learned, place);
            whole->several |= place->several | (place->thread != whole->thread);
            whole->changed |= place->changed;
        }
    }
    for (uint32_t i = 0; i < RF_PLACES_MOST; i++) {
        rf_place *place = &learned->places[i];
        if (place->object != 0 && joined(learned, place) == place && place->several && place->changed) {
            place->bit = (uint8_t)(bits++ % 64 + 1);
        }
    }
    for (uint32_t i = 0; i < RF_PLACES_TOUCHES; i++) {
        const rf_places_touch *touch = &learned->touches[i];
        uint32_t bit = touch->place != 0 ? joined(learned, &learned->places[touch->place - 1])->bit : 0;
        if (bit != 0) {
            rf_places_site *site = &learned->sites[touch->site];
            site->touches |= (uint64_t)1 << (bit - 1);
            site->changes |= (touch->changes & CHANGES) != 0 ? (uint64_t)1 << (bit - 1) : 0;
        }
    }
}

uint64_t rf_places_touches(const rf_places *learned, uint64_t site)
{
    return learned->sites[site_at(learned, site)].touches;
}
