/* What the kernel keeps a thread, and all that it starts, from: Landlock (Documentation/userspace-api/landlock.rst). Both runtimes
 * ask it, by its numbers, since headers are older than kernels. */
#ifndef RF_LANDLOCK_H
#define RF_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The calls have one number on every processor. */
enum { RF_CREATE_RULESET = 444, RF_ADD_RULE = 445, RF_RESTRICT_SELF = 446, RF_PATH_BENEATH = 1 };
enum { RF_VERSION_ASKED = 1, RF_ERRATA_ASKED = 2 };
/* Versions since which it knows of moves between folders, of cutting files, and of what lies outside of a domain. */
enum { RF_SINCE_REFER = 2, RF_SINCE_TRUNCATE = 3, RF_SINCE_SCOPES = 6 };
/* Without this repair a thread may not signal its own process, which other threads of it, in no domain, belong to. */
enum { RF_OWN_PROCESS_REPAIRED = 1 << 1 };

#define RF_WRITE_FILE ((uint64_t)1 << 1)
#define RF_REMOVE_AND_MAKE ((uint64_t)0x1ff << 4) /* remove_dir to make_sym */
#define RF_REFER ((uint64_t)1 << 13)
#define RF_TRUNCATE ((uint64_t)1 << 14)
#define RF_SCOPE_ABSTRACT_SOCKETS ((uint64_t)1 << 0)
#define RF_SCOPE_SIGNALS ((uint64_t)1 << 1)

/* Of the kernel; below 1: it has none. */
static inline long rf_landlock_version(void) { return syscall(RF_CREATE_RULESET, NULL, 0, RF_VERSION_ASKED); }

/* What this version knows of changing files. */
static inline uint64_t rf_landlock_changes(long version)
{
    return RF_WRITE_FILE | RF_REMOVE_AND_MAKE | (version >= RF_SINCE_REFER ? RF_REFER : 0)
           | (version >= RF_SINCE_TRUNCATE ? RF_TRUNCATE : 0);
}

/* A ruleset that holds these rights, and nothing is excepted from yet: a descriptor, or -1. `scopes`: 0 before that version. */
static inline int rf_landlock_rules(uint64_t changes, uint64_t scopes)
{
    const uint64_t wanted[3] = {changes, 0 /* of the network */, scopes};
    return (int)syscall(RF_CREATE_RULESET, wanted, scopes ? sizeof wanted : sizeof *wanted, 0);
}

/* Below what the descriptor `path` stands for these changes may be made. Not 0: so it is. */
static inline int rf_landlock_allow(int rules, int path, uint64_t changes)
{
    const struct {
        uint64_t allowed;
        int32_t path;
    } __attribute__((packed)) rule = {changes, path};
    return syscall(RF_ADD_RULE, rules, RF_PATH_BENEATH, &rule, 0) == 0;
}

/* The calling thread is kept to them, for good. It must have given up new privileges (PR_SET_NO_NEW_PRIVS). Not 0: so it is. */
static inline int rf_landlock_enter(int rules) { return syscall(RF_RESTRICT_SELF, rules, 0) == 0; }

#endif
