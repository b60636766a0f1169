#include "memory/store.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hidden.h"
#include "base/parts.h"
#include "memory/copy.h"
#include "memory/disk.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "memory/writers.h"
#include "state/objects.h"
#include "state/outcome.h"

enum {
    FILES = 4096,
    LEAST = 4096, /* bytes that a file which grows has room for */
};

#define STORE ((size_t)4 << 30) /* bytes of all files of an execution: then the disk is full, and that is reported */

/* One for a process and its children of fork: what one of them writes the others find. */
static struct store {
    uint32_t count;
    size_t used;
    rfn_file files[FILES];
    uint8_t bytes[STORE];
} *store;

static void reset(void)
{
    if (store == NULL) {
        store = rfn_hidden_shared(sizeof *store);
    }
    store->count = 0;
    store->used = 0;
}

void rfn_store_apart(void)
{
    rfn_hidden_apart(store, offsetof(struct store, bytes) + store->used);
    for (uint32_t i = 0; i < store->count; i++) {
        store->files[i].written &= RFN_WRITTEN;
    }
}

static void *room_for(size_t size)
{
    void *memory;
    size = (size + 15) & ~(size_t)15;
    if (size > STORE - store->used) {
        return NULL;
    }
    memory = store->bytes + store->used;
    store->used += size;
    return memory;
}

/* "./a//b" is "a/b". */
static char *kept_name(const char *path)
{
    char *name = room_for(rfn_text_length(path) + 1);
    char *out = name;
    if (name == NULL) {
        return NULL;
    }
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        while (*path == '/') {
            path++;
        }
    }
    while (*path != 0) {
        if (path[0] != '/' || path[1] != '/') {
            *out++ = *path;
        }
        path++;
    }
    *out = 0;
    return name;
}

uint32_t rfn_file_count(void)
{
    return store->count;
}

rfn_file *rfn_file_number(uint32_t number)
{
    return &store->files[number];
}

const void *rfn_file_object(const rfn_file *file)
{
    return RFN_OBJECT(RFN_FIRST_FILE + file->number % (RFN_OBJECTS - RFN_FIRST_FILE));
}

rfn_file *rfn_file_new(rfn_file_kind kind, const char *name)
{
    rfn_file *file = &store->files[store->count];
    char *copy = store->count == FILES ? NULL : kept_name(name);
    if (copy == NULL) {
        errno = ENFILE;
        return NULL;
    }
    memset(file, 0, sizeof *file);
    file->kind = (uint8_t)kind;
    file->name = copy;
    file->number = store->count++;
    file->mode = kind == RFN_FOLDER ? S_IFDIR | 0755 : kind == RFN_REGULAR ? S_IFREG | 0600 : S_IFIFO | 0600;
    return file;
}

static rfn_file *known(const char *name)
{
    for (uint32_t i = store->count; i > 0; i--) { /* the latest that had the name: earlier ones have lost it */
        if ((store->files[i - 1].kind == RFN_REGULAR || store->files[i - 1].kind == RFN_FOLDER) && rfn_text_same(store->files[i - 1].name, name)) {
            return &store->files[i - 1];
        }
    }
    return NULL;
}

rfn_file *rfn_file_named(const char *path)
{
    size_t mark = store->used;
    char *name = kept_name(path);
    const rfn_disk *disk;
    rfn_file *file;
    rfn_looked_at_files();
    if (name == NULL) {
        errno = ENFILE;
        return NULL;
    }
    file = known(name);
    if (file == NULL) {
        disk = rfn_disk_look(name);
        if (disk->error != 0) {
            store->used = mark;
            errno = disk->error;
            return NULL;
        }
        file = rfn_file_new(S_ISDIR(disk->mode) ? RFN_FOLDER : RFN_REGULAR, name);
        if (file == NULL) {
            return NULL;
        }
        file->bytes = (uint8_t *)(uintptr_t)disk->bytes;
        file->size = disk->size;
        file->room = disk->size;
        file->mode = disk->mode;
        file->on_disk = 1;
        file->exists = 1;
        return file;
    }
    store->used = mark;
    if (!file->exists) {
        errno = ENOENT;
        return NULL;
    }
    return file;
}

int rfn_has_folder(const char *path)
{
    size_t mark = store->used;
    char *name = kept_name(path);
    char *last = NULL;
    const rfn_file *folder;
    if (name == NULL) {
        return 0;
    }
    for (char *at = name; *at != 0; at++) {
        last = *at == '/' ? at : last;
    }
    if (last == NULL || last == name) {
        store->used = mark;
        return 1;
    }
    *last = 0;
    folder = rfn_file_named(name);
    return folder != NULL && folder->kind == RFN_FOLDER;
}

void rfn_file_forget(rfn_file *file)
{
    file->exists = 0;
    file->written = RFN_WRITTEN_HERE;
}

void rfn_file_rename(rfn_file *file, const char *path)
{
    rfn_file *before = rfn_file_named(path);
    rfn_file *gone;
    char *old = file->name;
    char *name = kept_name(path);
    if (before == file || name == NULL) {
        return;
    }
    if (before != NULL) {
        rfn_file_forget(before);
        before->name = ""; /* what had the name lives on for those who have it open */
    }
    file->name = name;
    file->written = RFN_WRITTEN_HERE;
    gone = rfn_file_new(RFN_REGULAR, old); /* hides what lies on disk by the old name */
    if (gone != NULL) {
        gone->exists = 0;
    }
}

/* -- content */

/* Another disk has room for more, and holes in a file take none. */
static void full(int error)
{
    rfn_problem(RFN_PROBLEM_OUTSIDE, 0, "files take more than %zu GiB together, holes included: the disk is full here", STORE >> 30);
    errno = error;
}

static int make_room(rfn_file *file, size_t size)
{
    size_t room = file->room < LEAST ? LEAST : file->room;
    uint8_t *bytes;
    if (size <= file->room && !file->on_disk) {
        return 1;
    }
    while (room < size) {
        room *= 2;
    }
    bytes = room_for(room);
    if (bytes == NULL) {
        return 0;
    }
    rfn_copy(bytes, file->bytes, file->size);
    file->bytes = bytes;
    file->room = room;
    file->on_disk = 0;
    return 1;
}

size_t rfn_file_put(rfn_file *file, const void *bytes, size_t size, size_t offset)
{
    if (size > STORE || offset > STORE || !make_room(file, offset + size)) {
        full(ENOSPC);
        return 0;
    }
    if (offset > file->size) {
        rfn_fill(file->bytes + file->size, 0, offset - file->size);
    }
    rfn_copy(file->bytes + offset, bytes, size);
    if (rfn_tracing) {
        rfn_writer_note(rfn_file_byte(file->number, offset), size);
    }
    file->size = offset + size > file->size ? offset + size : file->size;
    file->written = RFN_WRITTEN_HERE;
    return size;
}

size_t rfn_file_get(const rfn_file *file, void *to, size_t size, size_t offset)
{
    size_t left = offset < file->size ? file->size - offset : 0;
    size = size < left ? size : left;
    rfn_wrote(to, size);
    rfn_copy(to, file->bytes + offset, size);
    return size;
}

int rfn_file_resize(rfn_file *file, size_t size)
{
    if (size > STORE || !make_room(file, size)) {
        full(EFBIG);
        return -1;
    }
    if (size > file->size) {
        rfn_fill(file->bytes + file->size, 0, size - file->size);
    }
    file->size = size;
    file->written = RFN_WRITTEN_HERE;
    return 0;
}

RFN_PART(RFN_ON_MEMORY, store, .begins = reset, .reset = reset);
