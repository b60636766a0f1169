/* The processes of a family that this one knows: its children and its parent (family.c, relatives.c). */
#ifndef RFN_RELATIVES_H
#define RFN_RELATIVES_H

#include "models/family/family.h"

enum {
    RFN_CHILDREN = 64, /* of one process and execution */
    RFN_TURNS = 5000,  /* that others are given in an execution: those that go on for ever have no more */
};

typedef struct rfn_relative {
    rfn_child_report *left;
    void *common;  /* what lies in shared mappings; NULL: there are none */
    size_t size;
    pid_t process;
    int to, from;  /* pipes; -1: it has ended */
    int status;    /* as waitpid reports it */
    uint8_t waited;
} rfn_relative;

typedef struct rfn_family {
    rfn_relative child[RFN_CHILDREN];
    unsigned count;
    unsigned turns;        /* of others, in this execution, */
    unsigned naps;         /* and sleeps at which they had one */
    /* Of a child. */
    rfn_child_report *report; /* where it leaves what it found */
    void *bequest;         /* and what lies in shared mappings; NULL: there are none */
    int up, down;          /* to its parent, and from it; -1: that does not wait for it */
} rfn_family;

extern rfn_family rfn_kin;

unsigned rfn_number_of(const rfn_relative *one);
int rfn_has_parent(void);
/* Its turn, until it has ended or can go on no more. 0: the execution has ended of it. */
int rfn_runs(rfn_relative *one);
/* The same for one that waits for it. */
int rfn_resume(rfn_relative *one);
void rfn_forget(rfn_relative *one);

#endif
