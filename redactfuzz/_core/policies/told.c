#include "policies/told.h"

enum { TOUCHES = 1, CHANGES = 2 };

void rf_told_begins(rf_core *core, rf_told *told)
{
    told->site = RF_NONE;
    core->status.pairs = 1;
}

/* Where a site is, or would be. */
static uint32_t site_at(const rf_told *told, uint64_t site)
{
    uint32_t at = (uint32_t)rf_mix(site) & (RF_TOLD_SITES - 1);
    while (told->sites[at].site != 0 && told->sites[at].site != site) {
        at = (at + 1) & (RF_TOLD_SITES - 1);
    }
    return at;
}

void rf_told_enters(rf_told *told, uint64_t site, uint32_t thread)
{
    uint32_t at = site_at(told, site);
    rf_told_step step = {(uint16_t)at, (uint16_t)thread};
    told->site = RF_NONE;
    if (site == 0 || told->used_steps == RF_TOLD_STEPS) {
        return;
    }
    if (told->sites[at].site == 0) {
        if (told->used_sites == RF_TOLD_SITES / 4 * 3) {
            return;
        }
        told->used_sites++;
        told->sites[at].site = site;
    }
    told->site = at;
    told->thread = thread;
    told->steps[told->used_steps++] = step;
}

static uint32_t place_at(const rf_told *told, uint32_t object, uint32_t offset)
{
    uint32_t at = (uint32_t)rf_mix((uint64_t)object << 32 | offset) & (RF_TOLD_PLACES - 1);
    while (told->places[at].object != 0 && (told->places[at].object != object || told->places[at].offset != offset)) {
        at = (at + 1) & (RF_TOLD_PLACES - 1);
    }
    return at;
}

/* The step that runs has touched this place. */
static void note(rf_told *told, uint32_t place, uint32_t how)
{
    uint32_t at = (uint32_t)rf_mix((uint64_t)place << 32 | told->site) & (RF_TOLD_TOUCHES - 1);
    rf_told_touch *touch = &told->touches[at];
    while (touch->place != 0 && (touch->place != place + 1 || touch->site != told->site)) {
        at = (at + 1) & (RF_TOLD_TOUCHES - 1);
        touch = &told->touches[at];
    }
    if (touch->place == 0) {
        if (told->used_touches == RF_TOLD_TOUCHES / 4 * 3) {
            return;
        }
        told->used_touches++;
        touch->place = (uint16_t)(place + 1);
        touch->site = (uint16_t)told->site;
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

void rf_told_touched(rf_told *told, const rf_event *event)
{
    uint32_t offset = event->size == 0 ? 0 : event->offset;
    uint32_t at;
    rf_told_place *place;
    if (told->site == RF_NONE || !is_place(event)) {
        return;
    }
    at = place_at(told, event->object, offset);
    place = &told->places[at];
    if (place->object == 0) {
        rf_told_place fresh = {.object = event->object, .offset = offset, .thread = (uint16_t)told->thread};
        if (told->used_places == RF_TOLD_PLACES / 4 * 3) {
            return;
        }
        told->used_places++;
        *place = fresh;
    }
    place->several |= place->thread != told->thread;
    place->changed |= event->kind != RF_READ;
    note(told, at, event->kind != RF_READ ? TOUCHES | CHANGES : TOUCHES);
}

/* Who touches all of an object touches each place of it: then it is one place. */
static rf_told_place *joined(rf_told *told, rf_told_place *place)
{
    rf_told_place *whole = &told->places[place_at(told, place->object, 0)];
    return whole->object != 0 ? whole : place;
}

void rf_told_ends(rf_told *told)
{
    uint32_t bits = 0;
    told->site = RF_NONE;
    for (uint32_t i = 0; i < RF_TOLD_PLACES; i++) {
        rf_told_place *place = &told->places[i];
        if (place->object != 0) {
            rf_told_place *whole = joined(told, place);
            whole->several |= place->several | (place->thread != whole->thread);
            whole->changed |= place->changed;
        }
    }
    for (uint32_t i = 0; i < RF_TOLD_PLACES; i++) {
        rf_told_place *place = &told->places[i];
        if (place->object != 0 && joined(told, place) == place && place->several && place->changed) {
            place->bit = (uint8_t)(bits++ % 64 + 1);
        }
    }
    for (uint32_t i = 0; i < RF_TOLD_TOUCHES; i++) {
        const rf_told_touch *touch = &told->touches[i];
        uint32_t bit = touch->place != 0 ? joined(told, &told->places[touch->place - 1])->bit : 0;
        if (bit != 0) {
            rf_told_site *site = &told->sites[touch->site];
            site->touches |= (uint64_t)1 << (bit - 1);
            site->changes |= (touch->changes & CHANGES) != 0 ? (uint64_t)1 << (bit - 1) : 0;
        }
    }
}

uint64_t rf_told_touches(const rf_told *told, uint64_t site)
{
    return told->sites[site_at(told, site)].touches;
}
