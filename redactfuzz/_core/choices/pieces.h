/* A space that several share: each goes through a part of it (rf_stage.part, .parts), and has nothing to do with the others.
 *
 * Near the root are the FORKS: the first scheduling points of an execution that have several choices, as many as it takes until threads
 * have rf_stage.pieces ways past them. Everybody goes every way past the forks. What lies behind one of them is a PIECE, and is
 * of the part that the hash of its choices says. What lies behind a crash is a piece at once: few threads go on from there, and if its
 * ways counted, what lies behind all others would be one large piece. Of a piece of another part one execution is run: only so it is
 * known which forks there are. An execution that ends before it is past the forks is everybody's.
 *
 * So everybody runs the first execution of every piece. What these were like is summed up (rf_summed): parts that summed up others were of
 * other trees, as where a program is of another shape in each process, and do not make up the whole.
 *
 * With a power of two of parts the part i of n is the parts i and i + n of 2n.
 */
#ifndef RF_PIECES_H
#define RF_PIECES_H

#include "choices/core.h"

typedef struct rf_way {
    uint64_t hash; /* of the choices at its forks */
    uint64_t ways; /* that there are past forks like these */
} rf_way;

/* Of all pieces so far, in whatever order. */
typedef struct rf_summed {
    uint64_t sum;
    uint64_t last; /* the way to the piece that was run last */
} rf_summed;

/* An execution has ended whose way past the forks is known: the first one of a piece counts. */
static inline void rf_sum_up(rf_summed *same, const rf_way *way, uint64_t trace)
{
    if (way->hash != same->last) {
        same->sum += rf_hash_step(rf_hash_step(way->hash, trace, 0, 5), way->hash, 0, 9);
        same->last = way->hash;
    }
}

static inline rf_way rf_way_begin(void) { return (rf_way){0, 1}; }

static inline int rf_shares(const rf_stage *stage) { return stage->parts > 1; }

/* Whether what comes next is a fork, where it has several choices. */
static inline int rf_before_piece(const rf_stage *stage, const rf_way *way) { return way->ways < stage->pieces; }

/* One of several choices was made; so many are threads that could go on. */
static inline void rf_past_fork(rf_way *way, uint32_t threads, uint64_t chosen, int crash)
{
    way->hash = rf_hash_step(way->hash, chosen, threads, 3);
    way->ways = crash ? UINT64_MAX : way->ways * (threads > 1 ? threads : 1);
}

/* Whether it leads to a piece of another part. */
static inline int rf_is_others(const rf_stage *stage, const rf_way *way)
{
    return rf_shares(stage) && !rf_before_piece(stage, way) && (way->hash >> 32) % stage->parts != stage->part;
}

#endif
