/* Sequential orders: no preemption, the crash last. A rank is a place in an order of the threads that were ever seen to
 * compete; whenever the current thread cannot go on the enabled thread of the best rank does. With up to three such
 * threads all orders are run, else each thread first and each thread last, the others by number. Where there are no more
 * threads than the stage's bound every order follows. Orders that are run one after the other are far apart, so that a run
 * that the budget ends has seen a sample.
 */
#include "policies/policy.h"

#define ALL 3                /* threads of which all orders are run whatever the bound */
#define STRIDE 2654435761ULL /* a prime: a permutation of the numbers of orders of fewer threads */

/* Followed by the words of the sets, then order and place as uint32_t[threads] each. */
typedef struct rf_orders {
    uint64_t next;     /* number of the order within those of `known` threads; 0: the default order */
    uint32_t known;    /* competing threads that the orders are made of */
    uint32_t length;   /* of the order in use; 0: the default order */
    rf_set competing;
    rf_set unseen;     /* announced since it was last looked who competes */
    rf_set ready;      /* places of threads that may be enabled; those that are not are taken out when they are met */
    uint64_t order;    /* offset of uint32_t[threads] */
    uint64_t place;    /* offset of uint32_t[threads]: of a thread in the order, + 1; 0: it has none */
} rf_orders;

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    (void)stage;
    (void)room;
    return sizeof(rf_orders) + 3 * 8 * (((size_t)limits->threads + 63) / 64) + 2 * 4 * (size_t)limits->threads;
}

static rf_orders *orders_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_orders);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    rf_orders *orders = orders_of(core, stage);
    rf_set *sets[] = {&orders->competing, &orders->unseen, &orders->ready};
    uint64_t end = stage->offset + sizeof(rf_orders);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        sets[i]->words = (core->limits.threads + 63) / 64;
        sets[i]->offset = end;
        end += 8 * (uint64_t)sets[i]->words;
    }
    orders->order = end;
    orders->place = end + 4 * (uint64_t)core->limits.threads;
}

/* How many orders there are, run or not. */
static double permutations(uint32_t threads)
{
    double all = 1;
    for (uint32_t i = 2; i <= threads && all < 1e300; i++) {
        all *= i;
    }
    return all;
}

/* Number of orders that come first with more than three threads: each thread first, and each thread last. */
static uint64_t beginning(uint32_t threads)
{
    return threads <= ALL ? 0 : 2 * (uint64_t)threads - 1;
}

static uint64_t orders_for(const rf_stage_state *stage, uint32_t threads)
{
    int every = threads <= ALL || (int64_t)threads <= (int64_t)stage->config.bound;
    return beginning(threads) + (every ? (uint64_t)permutations(threads) : 0);
}

/* Fills the order with permutation `number`, 0 being the identity. */
static void arrange(rf_core *core, rf_orders *orders, uint64_t number)
{
    uint32_t *order = RF_AT(core, orders->order, uint32_t);
    uint32_t count = 0;
    uint32_t moved;
    uint32_t thread;
    for (thread = rf_set_next(core, &orders->competing, 0); thread != RF_NONE;
         thread = rf_set_next(core, &orders->competing, thread + 1)) {
        order[count++] = thread;
    }
    orders->length = count;
    if (number >= beginning(count)) {
        uint64_t rest = (uint64_t)permutations(count); /* orders of what is left */
        number -= beginning(count);
        number = count <= ALL ? number : number * STRIDE % rest;
        for (uint32_t place = 0; place + 1 < count; place++) {
            uint32_t chosen;
            rest /= count - place;
            chosen = place + (uint32_t)(number / rest);
            number %= rest;
            for (thread = order[chosen]; chosen > place; chosen--) {
                order[chosen] = order[chosen - 1];
            }
            order[place] = thread;
        }
    } else if (number > 0 && number < count) { /* thread `number` first */
        moved = order[number];
        for (uint64_t place = number; place > 0; place--) {
            order[place] = order[place - 1];
        }
        order[0] = moved;
    } else if (number >= count) { /* one of the others last */
        uint64_t place = 2 * (uint64_t)count - 2 - number;
        for (moved = order[place]; place + 1 < count; place++) {
            order[place] = order[place + 1];
        }
        order[count - 1] = moved;
    }
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_orders *orders = orders_of(core, stage);
    const uint32_t *order = RF_AT(core, orders->order, uint32_t);
    uint32_t *place = RF_AT(core, orders->place, uint32_t);
    rf_set_clear(core, &orders->unseen);
    rf_set_clear(core, &orders->ready);
    for (uint32_t i = 0; i < orders->length; i++) {
        place[order[i]] = 0;
    }
    orders->length = 0;
    if (orders->next > 0) {
        arrange(core, orders, orders->next);
    }
    for (uint32_t i = 0; i < orders->length; i++) {
        place[order[i]] = i + 1;
    }
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_orders *orders = orders_of(core, stage);
    uint32_t place = RF_AT(core, orders->place, uint32_t)[thread];
    if (rf_slot_of(core, thread)->state == RF_SLOT_PENDED) {
        rf_set_add(core, &orders->unseen, thread);
        if (place != 0) {
            rf_set_add(core, &orders->ready, place - 1);
        }
    }
}

static void notice(rf_core *core, rf_orders *orders)
{
    uint32_t thread;
    if (core->enabled.count < 2) {
        return;
    }
    for (thread = rf_set_next(core, &orders->unseen, 0); thread != RF_NONE;
         thread = rf_set_next(core, &orders->unseen, thread + 1)) {
        if (rf_set_has(core, &core->enabled, thread)) {
            rf_set_add(core, &orders->competing, thread);
        }
    }
    rf_set_clear(core, &orders->unseen);
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_orders *orders = orders_of(core, stage);
    const uint32_t *order = RF_AT(core, orders->order, uint32_t);
    uint32_t from = 0;
    uint32_t place;
    if (point->goes_on) {
        core->quiet = core->limits.steps;
        return point->preferred;
    }
    notice(core, orders);
    if (point->yields) { /* the next one in the order, so that two that yield do not starve a third */
        from = RF_AT(core, orders->place, uint32_t)[point->current];
    }
    while ((place = rf_set_cyclic(core, &orders->ready, from)) != RF_NONE) {
        if (rf_set_has(core, &core->enabled, order[place])) {
            break;
        }
        rf_set_remove(core, &orders->ready, place);
    }
    if (place == RF_NONE || (point->yields && order[place] == point->current)) {
        return point->preferred;
    }
    return rf_pick(RF_STEP, order[place], 0);
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_orders *orders = orders_of(core, stage);
    if (orders->known != orders->competing.count) { /* a thread was met that no order so far knew */
        orders->known = orders->competing.count;
        orders->next = 1;
    } else {
        orders->next++;
    }
    (void)core;
    stage->estimate = permutations(orders->known);
    return orders->next < orders_for(stage, orders->known);
}

const rf_policy rf_sequential = {
    .name = "sequential", .size = size, .init = init, .begin = begin, .pended = pended, .choose = choose, .end = end,
};
