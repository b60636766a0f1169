/* Enumeration of every schedule with at most `bound` preemptions, fewer first (Musuvathi, Qadeer: PLDI 2007). Free
 * choices (who starts, who goes on when a thread blocks, ends or yields, which wait expires then) are deviations that cost
 * nothing. With `strike` the first crash that displaces a thread costs nothing either.
 */
#include "frontier/frontier.h"
#include "policies/policy.h"

typedef struct rf_search {
    rf_frontier frontier;
    rf_collector collector;
    rf_plan plan;
    uint32_t cursor; /* deviations applied */
    uint32_t begun;
} rf_search;

static uint32_t levels_of(const rf_stage *stage)
{
    return stage->bound + 1 < RF_MAX_LEVELS ? (uint32_t)stage->bound + 1 : RF_MAX_LEVELS;
}

static size_t size(const rf_stage *stage, const rf_limits *limits, size_t room)
{
    return sizeof(rf_search) + sizeof(rf_level) * levels_of(stage) + 8 * (size_t)RF_MAX_DEVIATIONS
           + rf_collector_size(limits) + room + 64;
}

static rf_search *search_of(rf_core *core, const rf_stage_state *stage)
{
    return RF_AT(core, stage->offset, rf_search);
}

static void init(rf_core *core, rf_stage_state *stage)
{
    rf_search *search = search_of(core, stage);
    uint64_t end = stage->offset + sizeof(rf_search);
    search->frontier.levels = end;
    search->frontier.count = levels_of(&stage->config);
    end += sizeof(rf_level) * (uint64_t)search->frontier.count;
    search->plan.deviations = end;
    end += 8 * (uint64_t)RF_MAX_DEVIATIONS;
    rf_collector_init(core, &search->collector, end);
    end += rf_collector_size(&core->limits);
    end = (end + 63u) & ~(uint64_t)63u;
    search->frontier.arena.top = end;
    search->frontier.arena.end = end + stage->room;
}

static void begin(rf_core *core, rf_stage_state *stage)
{
    rf_search *search = search_of(core, stage);
    if (search->begun) {
        (void)rf_frontier_next(core, &search->frontier, &search->plan);
    } else {
        search->begun = 1;
        RF_AT(core, search->frontier.levels, rf_level)->done = 1;
    }
    search->cursor = 0;
    rf_collector_begin(core, &search->collector);
}

static void pended(rf_core *core, rf_stage_state *stage, uint32_t thread)
{
    rf_collector_pended(core, &search_of(core, stage)->collector, thread);
}

static rf_choice choose(rf_core *core, rf_stage_state *stage, const rf_point *point)
{
    rf_search *search = search_of(core, stage);
    const uint64_t *deviations = RF_AT(core, search->plan.deviations, uint64_t);
    if (search->cursor < search->plan.count) {
        uint64_t item = deviations[search->cursor];
        rf_choice choice = rf_unpack(item);
        if (core->status.steps < rf_step_of(item)) {
            core->quiet = rf_step_of(item);
            return point->preferred;
        }
        if (!rf_available(core, &choice)) {
            return rf_diverge(core);
        }
        search->cursor++;
        if (search->cursor == search->plan.count) {
            uint32_t step;
            if (!rf_frontier_agrees(core, &search->plan, point, &step)) {
                (void)rf_diverge(core);
                core->status.step = step;
                return rf_pick(RF_STOP, 0, 0);
            }
        }
        return choice;
    }
    rf_collect(core, &search->collector, point, search->plan.cost < (uint32_t)stage->config.bound,
               stage->config.strike && !search->plan.struck);
    core->quiet = core->limits.steps;
    return point->preferred;
}

static int end(rf_core *core, rf_stage_state *stage)
{
    rf_search *search = search_of(core, stage);
    if (search->cursor < search->plan.count || core->status.state == RF_DIVERGED) {
        /* The prefix met another program: what would have come behind it is lost. */
        if (core->status.state != RF_DIVERGED) {
            (void)rf_diverge(core);
        }
        stage->truncated = 1;
    } else {
        uint32_t runs = rf_collected(core, &search->collector);
        int bitmap = stage->config.granularity == RF_INSTRUCTIONS;
        int fits = rf_frontier_add(core, &search->frontier, &search->plan, runs, stage->config.strike, bitmap);
        if (!fits || search->collector.overflow) {
            stage->truncated = 1;
        }
    }
    rf_frontier_release(core, &search->frontier, search->plan.parent);
    search->plan.parent = 0;
    stage->estimate = rf_frontier_estimate(core, &search->frontier);
    return !rf_frontier_empty(core, &search->frontier);
}

const rf_policy rf_bounded = {
    .name = "bounded",
    .size = size,
    .init = init,
    .begin = begin,
    .pended = pended,
    .choose = choose,
    .end = end,
    .enumerates = 1,
};
