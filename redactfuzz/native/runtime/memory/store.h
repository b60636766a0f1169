/* Files as the program sees them: what it wrote lies in memory that no dump holds, what it never wrote is read from disk.
 * Real files are never changed. Everything is forgotten after an execution. A process and its children of fork have one
 * store. No events.
 */
#ifndef RFN_STORE_H
#define RFN_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum rfn_file_kind {
    RFN_REGULAR = 1,
    RFN_FOLDER,
    RFN_INPUT,   /* stdin */
    RFN_OUTPUT,  /* stdout, stderr */
    RFN_PIPE,    /* what was written and not yet read lies from `taken` on */
    RFN_SOCKET,
    RFN_NULL,    /* /dev/null */
    RFN_ZEROS,   /* /dev/zero */
    RFN_RANDOM,  /* /dev/urandom: see chance.h */
    RFN_EVENT,   /* eventfd: `taken` is its counter */
    RFN_INTERESTS, /* epoll: `bytes` is a table of them */
    RFN_SECRETS, /* memfd_secret: can only be mapped */
} rfn_file_kind;

typedef enum rfn_written {
    RFN_WRITTEN = 1,
    RFN_WRITTEN_HERE = 3, /* since rfn_store_apart */
} rfn_written;

typedef struct rfn_file {
    char *name;        /* its last */
    uint8_t *bytes;
    size_t size, room;
    size_t taken;      /* RFN_PIPE */
    size_t capacity;   /* RFN_PIPE: what it holds at most, where the program has chosen it; 0: the usual */
    uint32_t number;
    uint32_t readers, writers; /* open descriptions */
    mode_t mode;
    uint8_t kind;
    uint8_t exists;    /* under its name */
    uint8_t written;   /* created or changed in this execution: rfn_written */
    uint8_t peer;      /* RFN_SOCKET: connected */
    uint8_t paired;    /* RFN_PIPE: one way of a pair of sockets */
    uint8_t bound;     /* RFN_SOCKET: others may send to it, or connect, */
    uint64_t address;  /* where: see reach.h; 0: not known */
    uint8_t on_disk;   /* `bytes` are those of disk.c: copied before they are changed */
} rfn_file;

/* This process alone sees the store, as it is, from now on. */
void rfn_store_apart(void);
/* NULL: too many. */
rfn_file *rfn_file_new(rfn_file_kind kind, const char *name);
/* The file that has this name now. NULL: errno says why, ENOENT among others. */
rfn_file *rfn_file_named(const char *path);
/* Is there a folder for a new file of this name? */
int rfn_has_folder(const char *path);
/* Gives it another name, and takes that from what had it. */
void rfn_file_rename(rfn_file *file, const char *path);
void rfn_file_forget(rfn_file *file);
rfn_file *rfn_file_number(uint32_t number);
uint32_t rfn_file_count(void);
/* Where it stands at scheduling points. */
const void *rfn_file_object(const rfn_file *file);

/* How many bytes were written; less when the disk is full (errno). A gap is filled with zeros. */
size_t rfn_file_put(rfn_file *file, const void *bytes, size_t size, size_t offset);
/* `to` lies in the program, and is marked as written. */
size_t rfn_file_get(const rfn_file *file, void *to, size_t size, size_t offset);
int rfn_file_resize(rfn_file *file, size_t size);

#endif
