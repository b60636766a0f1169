/* What an execution was, as lines of JSON: the part of the tree that is new with it. docs/reference/rfproof.md has the format.
 *
 * Nothing here decides anything. During an execution only what was announced is noted, beside what the reduction keeps anyhow;
 * the lines are written when it has ended, into memory of the caller's, as many at a time as fit. So the record takes no memory
 * of its own but for an execution's announcements, and nobody waits for a disk between two choices.
 */
#include "reduce/reduce.h"

enum {
    MOST_TOLD = 500, /* announcements between two steps: with the accesses of a step they fit into RF_LINE bytes */
};

static rf_told *told_of(rf_core *core, const rf_reduction *r)
{
    return RF_AT(core, r->proof.told, rf_told);
}

/* -- what is noted */

void rf_proof_told(rf_core *core, rf_reduction *r, uint32_t process)
{
    uint32_t thread = r->process[process].thread;
    const rf_slot *slot = rf_slot_of(core, thread);
    rf_event event = {.object = slot->object, .offset = slot->offset, .size = slot->size, .kind = slot->kind};
    rf_told told = {.thread = thread, .state = slot->state, .flags = slot->flags};
    if (!r->proof.on || r->off || r->depth < r->planned) {
        return;
    }
    if (r->proof.used == r->touched) {
        r->proof.lost = 1;
        return;
    }
    event.room = slot->room;
    event.flags = slot->flags;
    if (slot->kind == RF_CRASH && slot->object != RF_OBJECT_TOLD) {
        told.access.object = slot->object == RF_OBJECT_DEATH ? 0 : slot->object; /* 1 + the thread that it strikes; 0: any */
    } else {
        told.access.announced = !rf_access_of(&event, &told.access);
    }
    told.access.step = process;
    told_of(core, r)[r->proof.used++] = told;
}

void rf_proof_leaf(rf_core *core, rf_reduction *r, const rf_node *leaf, rf_leaf kind)
{
    (void)core;
    r->proof.leaf = *leaf;
    r->proof.kind = (uint8_t)kind;
}

void rf_proof_close(rf_reduction *r)
{
    r->proof.root = r->planned == 0;
    r->proof.next = r->planned == 0 ? 0 : r->planned - 1;
    r->proof.end = r->depth;
    r->proof.accesses = r->used_accesses;
    r->proof.written = 0;
}

/* -- what is written */

typedef struct rf_line {
    char *at;
} rf_line;

static void put(rf_line *line, const char *text)
{
    while (*text != 0) {
        *line->at++ = *text++;
    }
}

static void put_number(rf_line *line, uint64_t number)
{
    char digits[20];
    uint32_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0) {
        *line->at++ = digits[--count];
    }
}

static void put_field(rf_line *line, const char *name, uint64_t number)
{
    put(line, name);
    put_number(line, number);
}

static void put_access(rf_line *line, const rf_access *access)
{
    put_field(line, "", access->object);
    put_field(line, ",", access->offset);
    put_field(line, ",", access->size);
    put_field(line, ",", access->mode);
    put_field(line, ",", access->room);
    put_field(line, ",", access->tries);
}

/* What was announced up to this node, and who can be chosen there. */
static void put_node(rf_line *line, rf_core *core, rf_reduction *r, const rf_node *node)
{
    const rf_told *told = told_of(core, r);
    uint32_t from = r->proof.written;
    if (node->told - from > MOST_TOLD) {
        r->proof.lost = 1;
        from = node->told;
    }
    put(line, "\"told\":[");
    for (uint32_t i = from; i < node->told; i++) {
        put_field(line, i == from ? "[" : ",[", told[i].access.step);
        put_field(line, ",", told[i].thread);
        put_field(line, ",", told[i].state);
        put_field(line, ",", told[i].flags);
        if (!told[i].access.announced) {
            put(line, ",");
            put_access(line, &told[i].access);
        }
        put(line, "]");
    }
    r->proof.written = node->told;
    put_field(line, "],\"there\":", node->there);
    put_field(line, ",\"able\":", node->able);
    put_field(line, ",\"unfair\":", node->unfair);
    put_field(line, ",\"asleep\":", node->asleep);
    if (node->named != UINT32_MAX) {
        put_field(line, ",\"named\":", node->named);
    }
}

static void put_step(rf_line *line, rf_core *core, const rf_reduction *r, uint32_t step)
{
    const rf_behind *behind = rf_steps(core, r) + step;
    const rf_access *accesses = rf_accesses(core, r);
    uint32_t end = step + 1 < r->proof.end ? behind[1].accesses : r->proof.accesses;
    put_field(line, "{\"step\":", step);
    put_field(line, ",\"by\":", behind->process);
    put_field(line, ",\"how\":", behind->how & 0xffu);
    put_field(line, ",\"on\":", behind->how >> 8);
    put_field(line, ",\"ends\":", behind->struck);
    put(line, ",\"touched\":[");
    for (uint32_t i = behind->accesses; i < end; i++) {
        put(line, i == behind->accesses ? "[" : ",[");
        put_access(line, &accesses[i]);
        put(line, "]");
    }
    put(line, "],");
}

/* The node behind so many steps. */
static const rf_node *node_behind(rf_core *core, const rf_reduction *r, uint32_t steps)
{
    return steps < r->proof.end ? rf_nodes(core, r) + steps : &r->proof.leaf;
}

static char *write_line(rf_core *core, rf_reduction *r, char *out)
{
    static const char *const leaves[] = {"none", "end", "asleep", "over"};
    rf_proof_state *proof = &r->proof;
    rf_line line = {out};
    if (proof->root) {
        put(&line, "{");
        put_node(&line, core, r, node_behind(core, r, 0));
        put(&line, "}\n");
        proof->root = 0;
        return line.at;
    }
    put_step(&line, core, r, proof->next);
    put_node(&line, core, r, node_behind(core, r, proof->next + 1));
    if (++proof->next == proof->end) {
        put(&line, ",\"leaf\":\"");
        put(&line, leaves[proof->kind]);
        put_field(&line, "\",\"outcome\":", core->outcome);
    }
    put(&line, "}\n");
    return line.at;
}

uint32_t rf_proof_lines(rf_core *core, rf_reduction *r, char *out, uint32_t size)
{
    rf_proof_state *proof = &r->proof;
    char *at = out;
    if (!proof->on) {
        return 0;
    }
    while (size - (uint32_t)(at - out) >= RF_LINE && (proof->root || proof->next < proof->end)) {
        at = write_line(core, r, at);
    }
    if (proof->lost && size - (uint32_t)(at - out) >= RF_LINE) {
        rf_line line = {at};
        put(&line, "{\"lost\":1}\n");
        proof->lost = 0;
        at = line.at;
    }
    return (uint32_t)(at - out);
}
