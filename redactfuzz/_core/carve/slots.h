/* Characters or bytes that lie in slots wider than they are: small integers of OCaml and V8, arrays of long, values with a tag of
 * JavaScriptCore, Lua and PHP, floating point, vector registers, lists of Erlang. */
#ifndef RF_SLOTS_H
#define RF_SLOTS_H

#include <stddef.h>
#include <stdint.h>

/* How a byte lies in a slot. All else of a slot is the same in each, whatever it is, or zero. */
typedef enum rf_slot_kind {
    RF_SLOT_8 = 0, /* in the lowest 9 bits of 8 bytes: the byte, or twice the byte and one more */
    RF_SLOT_8_BIG = 1, /* in the last of 8 bytes */
    RF_SLOT_16 = 2, /* in the first of 16 bytes, of which the last four may be anything */
    RF_SLOT_4 = 3, /* twice the byte, in 4 bytes */
    RF_SLOT_F64 = 4, /* as a number of IEEE 754, of 8 bytes */
    RF_SLOT_F32 = 5, /* of 4 bytes */
    RF_SLOT_VECTOR = 6, /* four bytes in each 16 */
    RF_SLOT_CONS =
        7 /* in bits 4 to 11 of 8 bytes whose lowest 4 are set, with a pointer behind it whose lowest two are 1 (the terms of Erlang) */
} rf_slot_kind;

enum { RF_SLOT_KINDS = 8, RF_SLOT_PHASES = 4, RF_SLOT_RUNS = 96 };

typedef struct rf_slot_run {
    uint64_t start, end;
    uint32_t kind;
    uint32_t reserved;
} rf_slot_run;

/* A pass over data: zeros at its beginning. */
typedef struct rf_slots {
    uint64_t at;                                    /* where it goes on */
    uint64_t behind[RF_SLOT_KINDS][RF_SLOT_PHASES]; /* where what was followed of a kind ends, at each multiple of 4 of a slot's bytes */
} rf_slots;

/* Runs of slots one behind the other, each at a multiple of 4, that begin from `from` to before `stop`; they are followed beyond it, and not
 * found again. Gives how many, up to `capacity`, which is RF_SLOT_RUNS at least; it is called once more until it has come to `stop`. */
size_t rf_slots_find(rf_slots *slots, const uint8_t *data, size_t size, size_t from, size_t stop, rf_slot_run *runs, size_t capacity);

#endif
