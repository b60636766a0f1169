#include "driver/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/os.h"
#include "base/output.h"
#include "driver/image.h"
#include "driver/provenance.h"
#include "driver/novelty.h"
#include "memory/writers.h"
#include "models/files/files.h"
#include "models/memory/heap.h"
#include "models/process/process.h"
#include "models/process/terminate.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "state/found.h"
#include "state/program.h"
#include "state/run.h"
#include "state/self.h"

enum { BUFFER = 1 << 16 };

static rfn_output out;
static int commands;

void rfn_events_init(int events, int commands_from)
{
    /* Names of files pass through here: in no core of ours. */
    out = (rfn_output){.file = events, .bytes = rfn_hidden(BUFFER), .size = BUFFER};
    commands = commands_from;
}

/* A string of JSON. Bytes that are not ASCII are taken one by one: names of files may hold anything. */
static void text(const char *key, const char *value)
{
    rfn_print(&out, "\"%s\":\"", key);
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (*at == '"' || *at == '\\') {
            rfn_print(&out, "\\%c", *at);
        } else if (*at < 0x20 || *at > 0x7e) {
            rfn_print(&out, "\\u%04x", *at);
        } else {
            rfn_put_byte(&out, (char)*at);
        }
    }
    rfn_put_byte(&out, '"');
}

static void bits(const char *key, uint64_t value)
{
    const char *comma = "";
    rfn_print(&out, "\"%s\":[", key);
    for (unsigned i = 0; value != 0; i++, value >>= 1) {
        if (value & 1) {
            rfn_print(&out, "%s%u", comma, i);
            comma = ",";
        }
    }
    rfn_put(&out, "],");
}

static void threads(void)
{
    rfn_put(&out, "\"threads\":[{\"number\":0,\"entry\":0}");
    for (uint32_t i = RFN_FIRST_THREAD; i < rfn_fiber_count; i++) {
        if (rfn_fibers[i].life != RFN_UNUSED) {
            rfn_print(&out, ",{\"number\":%u,\"entry\":%llu}", i,
                    (unsigned long long)rfn_site(rfn_entry_of(&rfn_fibers[i])));
        }
    }
    rfn_put(&out, "],");
}

static void sighting(const rfn_sighting *s)
{
    const rf_hit *hit = &s->hit;
    uintptr_t address = (uintptr_t)hit->offset;
    rfn_block block;
    rfn_print(&out, "{\"canary\":%u,\"source\":%u,\"encoding\":%u,", s->canary, hit->source, hit->encoding);
    text("dump", s->file[0] != 0 ? s->file : "core");
    rfn_print(&out,
            ",\"offset\":%llu,\"length\":%u,\"form_offset\":%u,\"form_length\":%u,\"bits\":%.2f,\"where\":%u,"
            "\"thread\":%u,\"allowed\":%s",
            (unsigned long long)hit->offset, hit->length, hit->form_offset, hit->form_length, hit->bits,
            s->where, s->thread, s->allowed ? "true" : "false");
    if (rfn_is_residue(s)) {
        rfn_put(&out, ",\"residue\":true");
    }
    if (s->where == RFN_IN_GLOBALS) {
        rfn_print(&out, ",\"object\":%llu", (unsigned long long)(address - rfn_base));
    }
    if (s->where == RFN_IN_HEAP && rfn_block_of((const void *)address, &block)) {
        rfn_report_block(&out, &block);
    }
    if (rfn_tracing && s->where != RFN_IN_REGISTERS && s->where != RFN_IN_NOTES) {
        rfn_report_history(&out, s);
    }
    rfn_put_byte(&out, '}');
}

/* What a blocked thread waits for: what it is, where it lies, who holds it and since when. */
static void awaited(const rfn_fiber *fiber)
{
    char kind[RFN_TEXT];
    const void *lock = rfn_lock_of(fiber);
    uint32_t holder = rfn_awaited_by(fiber) == NULL ? RFN_THREADS : rfn_holder_of(fiber);
    rfn_kind_awaited(fiber, kind, sizeof kind);
    if (kind[0] == 0) {
        return;
    }
    rfn_put_byte(&out, ',');
    text("kind", kind);
    if (holder < RFN_THREADS) {
        rfn_print(&out, ",\"held_by\":%u,\"taken_at\":%llu", holder, (unsigned long long)rfn_taken_at(fiber));
    }
    if (lock != NULL) {
        rfn_report_place(&out, (uintptr_t)lock);
    }
}

static void bug(void)
{
    const char *comma = "";
    rfn_print(&out, "\"bug\":{\"kind\":%u,\"thread\":%u,\"site\":%llu,", rfn.bug, rfn.bug_thread,
            (unsigned long long)rfn.bug_site);
    text("summary", rfn.summary);
    if (rfn.bug_at != 0) {
        rfn_report_place(&out, rfn.bug_at);
    }
    if (rfn.bug == RFN_BUG_ABORT && rfn_uncaught != NULL && rfn_uncaught->type[0] != 0) {
        rfn_put_byte(&out, ',');
        text("exception", rfn_uncaught->type);
        rfn_put_byte(&out, ',');
        text("says", rfn_uncaught->text);
    }
    rfn_put(&out, ",\"waiting\":[");
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->parked && !fiber->enabled) {
            char what[RFN_TEXT];
            rfn_waits_for(fiber, what, sizeof what);
            rfn_print(&out, "%s{\"thread\":%u,\"site\":%llu,", comma, i, (unsigned long long)fiber->site);
            text("what", what);
            rfn_print(&out, ",\"in_handler\":%s", fiber->in_handler ? "true" : "false");
            awaited(fiber);
            rfn_put_byte(&out, '}');
            comma = ",";
        }
    }
    rfn_put(&out, "]},");
}

static void one_file(const char *name, const uint8_t *bytes, size_t size, void *context)
{
    const char **comma = context;
    (void)bytes;
    rfn_print(&out, "%s{", *comma);
    text("name", name);
    rfn_print(&out, ",\"size\":%zu}", size);
    *comma = ",";
}

/* A place of the image, as a sighting without a canary. */
static void asked(const rfn_image_part *part, void *context)
{
    const char **comma = context;
    rfn_sighting place = {.hit = {.offset = part->address, .length = (uint32_t)part->size}, .thread = part->thread};
    place.where = (uint8_t)part->where;
    snprintf(place.file, sizeof place.file, "%s", part->file);
    rfn_put(&out, *comma);
    sighting(&place);
    *comma = ",";
}

static void numbers(const char *before, const uint64_t *number, uint32_t count)
{
    rfn_put(&out, before);
    for (uint32_t i = 0; i < count; i++) {
        rfn_print(&out, "%s%llu", i ? "," : "", (unsigned long long)number[i]);
    }
}

static void executed(void)
{
    const rf_status *status = rf_get_status(rfn.core);
    const char *comma_of_places = "";
    const char *comma = "";
    rfn_print(&out,
            "{\"event\":\"executed\",\"execution\":%llu,\"stage\":%u,\"state\":%u,\"engine\":%u,\"steps\":%u,"
            "\"preemptions\":%u,\"switches\":%u,\"trace_hash\":%llu,\"status\":%d,\"dumps\":%u,\"redactions\":%llu,"
            "\"step_diverged\":%u,\"cut\":%s,\"struck\":[",
            (unsigned long long)status->execution, status->stage, rfn.end, status->state, status->steps,
            status->preemptions, status->switches, (unsigned long long)status->trace_hash, rfn.status, rfn_found.dumps,
            (unsigned long long)rfn.redactions, status->step, rfn_core_is_cut() ? "true" : "false");
    for (uint32_t i = 0; i < rfn.strikes; i++) {
        rfn_print(&out, "%s{\"trigger\":%u,\"thread\":%u,\"site\":%llu,\"step\":%u}", i ? "," : "", rfn.strike[i].trigger,
                rfn.strike[i].thread, (unsigned long long)rfn.strike[i].site, rfn.strike[i].step);
    }
    rfn_put(&out, "],");
    bits("allowed", rfn.strikes ? rfn.allowed_at_strike : rfn.allowed);
    bits("seen", rfn_found.seen);
    threads();
    if (rfn.end == RFN_BUG) {
        bug();
    }
    rfn_put(&out, "\"problems\":[");
    for (uint32_t i = 0; i < rfn.problems; i++) {
        rfn_print(&out, "%s{\"kind\":%u,\"site\":%llu,", i ? "," : "", rfn.problem[i].kind,
                (unsigned long long)rfn.problem[i].site);
        text("what", rfn.problem[i].what);
        rfn_put_byte(&out, '}');
    }
    rfn_put(&out, "],\"files\":[");
    rfn_files_visit(one_file, &comma);
    rfn_put(&out, "],\"hits\":[");
    for (uint32_t i = 0; i < rfn_found.count; i++) {
        rfn_put(&out, i ? "," : "");
        sighting(&rfn_found.sighting[i]);
    }
    numbers("],\"unlike\":[", rfn_novelty.block, rfn_novelty.count);
    numbers("],\"unlike_on_stacks\":[", rfn_novelty.on_stack, rfn_novelty.on_stacks);
    rfn_put(&out, "],\"places\":[");
    rfn_image_asked(asked, &comma_of_places);
    rfn_put(&out, "]}\n");
    if (rfn_flush(&out) != 0) {
        _exit(0); /* whoever listened has gone */
    }
}

int rfn_event_executed(void)
{
    char answer = 's';
    executed();
    return rfn_os_read(commands, &answer, 1) == 1 && answer == 'n';
}

void rfn_event_death(void)
{
    if (!rfn_child()) {
        executed();
    }
}

void rfn_event_asked(const char *name, size_t size)
{
    rfn_put(&out, "{\"event\":\"asked\",");
    text("name", name);
    rfn_print(&out, ",\"size\":%zu}\n", size);
    rfn_flush(&out);
}

void rfn_event_failed(const char *what)
{
    rfn_put(&out, "{\"event\":\"failed\",");
    text("what", what);
    rfn_put(&out, "}\n");
    rfn_flush(&out);
}

void rfn_event_ended(int exhausted)
{
    rfn_print(&out, "{\"event\":\"ended\",\"exhausted\":%s}\n", exhausted ? "true" : "false");
    rfn_flush(&out);
}
