#include "driver/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver/image.h"
#include "driver/provenance.h"
#include "driver/unlike.h"
#include "memory/writers.h"
#include "models/files/files.h"
#include "models/memory/heap.h"
#include "models/process/process.h"
#include "models/process/terminate.h"
#include "models/threads/sync.h"
#include "schedule/describe.h"
#include "state/found.h"
#include "base/hidden.h"
#include "state/program.h"
#include "state/run.h"
#include "state/self.h"

enum { BUFFER = 1 << 16 };

static FILE *out;
static int commands;

int rfn_events_init(int events, int commands_from)
{
    out = fdopen(events, "w");
    commands = commands_from;
    /* Names of files pass through here: in no core of ours. */
    return out == NULL || setvbuf(out, rfn_hidden(BUFFER), _IOFBF, BUFFER) != 0 ? -1 : 0;
}

/* A string of JSON. Bytes that are not ASCII are taken one by one: names of files may hold anything. */
static void text(const char *key, const char *value)
{
    fprintf(out, "\"%s\":\"", key);
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (*at == '"' || *at == '\\') {
            fprintf(out, "\\%c", *at);
        } else if (*at < 0x20 || *at > 0x7e) {
            fprintf(out, "\\u%04x", *at);
        } else {
            fputc(*at, out);
        }
    }
    fputc('"', out);
}

static void bits(const char *key, uint64_t value)
{
    const char *comma = "";
    fprintf(out, "\"%s\":[", key);
    for (unsigned i = 0; value != 0; i++, value >>= 1) {
        if (value & 1) {
            fprintf(out, "%s%u", comma, i);
            comma = ",";
        }
    }
    fputs("],", out);
}

static void threads(void)
{
    fputs("\"threads\":[{\"number\":0,\"entry\":0}", out);
    for (uint32_t i = RFN_FIRST_THREAD; i < rfn_fiber_count; i++) {
        if (rfn_fibers[i].life != RFN_UNUSED) {
            fprintf(out, ",{\"number\":%u,\"entry\":%llu}", i,
                    (unsigned long long)rfn_site(rfn_entry_of(&rfn_fibers[i])));
        }
    }
    fputs("],", out);
}

static void sighting(const rfn_sighting *s)
{
    const rf_hit *hit = &s->hit;
    uintptr_t address = (uintptr_t)hit->offset;
    rfn_block block;
    fprintf(out, "{\"canary\":%u,\"source\":%u,\"encoding\":%u,", s->canary, hit->source, hit->encoding);
    text("dump", s->file[0] != 0 ? s->file : "core");
    fprintf(out,
            ",\"offset\":%llu,\"length\":%u,\"form_offset\":%u,\"form_length\":%u,\"bits\":%.2f,\"where\":%u,"
            "\"thread\":%u,\"allowed\":%s",
            (unsigned long long)hit->offset, hit->length, hit->form_offset, hit->form_length, hit->bits,
            s->where, s->thread, s->allowed ? "true" : "false");
    if (rfn_is_residue(s)) {
        fputs(",\"residue\":true", out);
    }
    if (s->where == RFN_IN_GLOBALS) {
        fprintf(out, ",\"object\":%llu", (unsigned long long)(address - rfn_base));
    }
    if (s->where == RFN_IN_HEAP && rfn_block_of((const void *)address, &block)) {
        rfn_tell_block(out, &block);
    }
    if (rfn_tracing && s->where != RFN_IN_REGISTERS && s->where != RFN_IN_NOTES) {
        rfn_tell_history(out, s);
    }
    fputc('}', out);
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
    fputc(',', out);
    text("kind", kind);
    if (holder < RFN_THREADS) {
        fprintf(out, ",\"held_by\":%u,\"taken_at\":%llu", holder, (unsigned long long)rfn_taken_at(fiber));
    }
    if (lock != NULL) {
        rfn_tell_place(out, (uintptr_t)lock);
    }
}

static void bug(void)
{
    const char *comma = "";
    fprintf(out, "\"bug\":{\"kind\":%u,\"thread\":%u,\"site\":%llu,", rfn.bug, rfn.bug_thread,
            (unsigned long long)rfn.bug_site);
    text("summary", rfn.summary);
    if (rfn.bug == RFN_BUG_ABORT && rfn_uncaught != NULL && rfn_uncaught->type[0] != 0) {
        fputc(',', out);
        text("exception", rfn_uncaught->type);
        fputc(',', out);
        text("says", rfn_uncaught->text);
    }
    fputs(",\"waiting\":[", out);
    for (uint32_t i = 0; i < rfn_fiber_count; i++) {
        const rfn_fiber *fiber = &rfn_fibers[i];
        if (fiber->life == RFN_ALIVE && fiber->stands && !fiber->enabled) {
            char what[RFN_TEXT];
            rfn_waits_for(fiber, what, sizeof what);
            fprintf(out, "%s{\"thread\":%u,\"site\":%llu,", comma, i, (unsigned long long)fiber->site);
            text("what", what);
            fprintf(out, ",\"in_handler\":%s", fiber->in_handler ? "true" : "false");
            awaited(fiber);
            fputc('}', out);
            comma = ",";
        }
    }
    fputs("]},", out);
}

static void one_file(const char *name, const uint8_t *bytes, size_t size, void *context)
{
    const char **comma = context;
    (void)bytes;
    fprintf(out, "%s{", *comma);
    text("name", name);
    fprintf(out, ",\"size\":%zu}", size);
    *comma = ",";
}

/* A place of the image, as a sighting without a canary. */
static void asked(const rfn_image_part *part, void *context)
{
    const char **comma = context;
    rfn_sighting place = {.hit = {.offset = part->address, .length = (uint32_t)part->size}, .thread = part->thread};
    place.where = (uint8_t)part->where;
    snprintf(place.file, sizeof place.file, "%s", part->file);
    fputs(*comma, out);
    sighting(&place);
    *comma = ",";
}

static void numbers(const char *before, const uint64_t *number, uint32_t count)
{
    fputs(before, out);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(out, "%s%llu", i ? "," : "", (unsigned long long)number[i]);
    }
}

static void executed(void)
{
    const rf_status *status = rf_get_status(rfn.core);
    const char *told = "";
    const char *comma = "";
    fprintf(out,
            "{\"event\":\"executed\",\"execution\":%llu,\"stage\":%u,\"state\":%u,\"engine\":%u,\"steps\":%u,"
            "\"preemptions\":%u,\"switches\":%u,\"trace_hash\":%llu,\"status\":%d,\"dumps\":%u,\"redactions\":%llu,"
            "\"step_diverged\":%u,\"cut\":%s,\"struck\":[",
            (unsigned long long)status->execution, status->stage, rfn.end, status->state, status->steps,
            status->preemptions, status->switches, (unsigned long long)status->trace_hash, rfn.status, rfn_found.dumps,
            (unsigned long long)rfn.redactions, status->step, rfn_core_is_cut() ? "true" : "false");
    for (uint32_t i = 0; i < rfn.strikes; i++) {
        fprintf(out, "%s{\"trigger\":%u,\"thread\":%u,\"site\":%llu,\"step\":%u}", i ? "," : "", rfn.strike[i].trigger,
                rfn.strike[i].thread, (unsigned long long)rfn.strike[i].site, rfn.strike[i].step);
    }
    fputs("],", out);
    bits("allowed", rfn.strikes ? rfn.allowed_at_strike : rfn.allowed);
    bits("seen", rfn_found.seen);
    threads();
    if (rfn.end == RFN_BUG) {
        bug();
    }
    fputs("\"problems\":[", out);
    for (uint32_t i = 0; i < rfn.problems; i++) {
        fprintf(out, "%s{\"kind\":%u,\"site\":%llu,", i ? "," : "", rfn.problem[i].kind,
                (unsigned long long)rfn.problem[i].site);
        text("what", rfn.problem[i].what);
        fputc('}', out);
    }
    fputs("],\"files\":[", out);
    rfn_files_visit(one_file, &comma);
    fputs("],\"hits\":[", out);
    for (uint32_t i = 0; i < rfn_found.count; i++) {
        fputs(i ? "," : "", out);
        sighting(&rfn_found.sighting[i]);
    }
    numbers("],\"unlike\":[", rfn_unlike.block, rfn_unlike.count);
    numbers("],\"unlike_on_stacks\":[", rfn_unlike.on_stack, rfn_unlike.on_stacks);
    fputs("],\"places\":[", out);
    rfn_image_asked(asked, &told);
    fputs("]}\n", out);
    if (fflush(out) != 0) {
        _exit(0); /* whoever listened has gone */
    }
}

int rfn_event_executed(void)
{
    char answer = 's';
    executed();
    return read(commands, &answer, 1) == 1 && answer == 'n';
}

void rfn_event_death(void)
{
    if (!rfn_child()) {
        executed();
    }
}

void rfn_event_asked(const char *name, size_t size)
{
    fputs("{\"event\":\"asked\",", out);
    text("name", name);
    fprintf(out, ",\"size\":%zu}\n", size);
    fflush(out);
}

void rfn_event_failed(const char *what)
{
    fputs("{\"event\":\"failed\",", out);
    text("what", what);
    fputs("}\n", out);
    fflush(out);
}

void rfn_event_ended(int exhausted)
{
    fprintf(out, "{\"event\":\"ended\",\"exhausted\":%s}\n", exhausted ? "true" : "false");
    fflush(out);
}
