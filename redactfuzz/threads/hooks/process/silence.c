#define _GNU_SOURCE
#include "process/silence.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GENERATIONS = 8 /* of processes below this one */, PATH_ROOM = 96 };
/* See silence.py, which has the same. */
static const double MOST = 1, DISK = 30, PATIENCE = 20;

static double at(const struct timespec *moment) { return (double)moment->tv_sec + (double)moment->tv_nsec / 1e9; }

/* Of a file of a thread; empty where it cannot be read. */
static void read_text(const char *task, const char *name, char *text, size_t room)
{
    char path[PATH_ROOM + 16];
    snprintf(path, sizeof path, "%s/%s", task, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, text, room - 1);
    if (file >= 0)
        close(file);
    text[size > 0 ? size : 0] = 0;
}

static int look_at(const char *task, rfh_life *life)
{
    char text[512];
    read_text(task, "stat", text, sizeof text);
    const char *after = strrchr(text, ')'); /* the name before may hold any */
    if (after == NULL || sscanf(after, ") %c", &life->state) != 1)
        return 0;
    read_text(task, "schedstat", text, sizeof text);
    return sscanf(text, "%" SCNu64 " %" SCNu64, &life->ran, &life->waited) == 2;
}

/* Adds the threads of a process and of its children. */
static uint32_t look(const char *process, rfh_life *lives, uint32_t count, int generations)
{
    char folder[PATH_ROOM / 2], task[PATH_ROOM], children[1024];
    snprintf(folder, sizeof folder, "/proc/%s/task", process);
    DIR *tasks = opendir(folder);
    for (struct dirent *entry; tasks && count < RFH_LIVES && (entry = readdir(tasks));) {
        rfh_life life = {.id = atoi(entry->d_name)};
        snprintf(task, sizeof task, "%s/%.16s", folder, entry->d_name);
        if (life.id == 0)
            continue;
        if (life.id != gettid() && look_at(task, &life))
            lives[count++] = life;
        if (generations == 0)
            continue;
        read_text(task, "children", children, sizeof children);
        char *rest = NULL;
        for (char *child = strtok_r(children, " ", &rest); child; child = strtok_r(NULL, " ", &rest))
            count = look(child, lives, count, generations - 1);
    }
    if (tasks)
        closedir(tasks);
    return count;
}

static const rfh_life *known(const rfh_silence *silence, pid_t id)
{
    for (uint32_t i = 0; i < silence->count; i++)
        if (silence->lives[i].id == id)
            return &silence->lives[i];
    return NULL;
}

/* Nanoseconds, in seconds. Another thread may have the number of one that has ended. */
static double grown(uint64_t from, uint64_t to) { return to > from ? (double)(to - from) / 1e9 : 0; }

/* Seconds since the look before in which somebody would have gone on and nobody could. */
static double held_up(rfh_silence *silence, double passed)
{
    rfh_life lives[RFH_LIVES];
    uint32_t count = look("self", lives, 0, GENERATIONS);
    double ran = 0, wanted = 0;
    for (uint32_t i = 0; i < count; i++) {
        rfh_life *life = &lives[i];
        const rfh_life *before = known(silence, life->id);
        int still = before && before->ran == life->ran;
        if (life->state == 'D' && still && before->state == 'D')
            life->stands = before->stands + passed;
        ran += before ? grown(before->ran, life->ran) : 0;
        if ((life->state == 'D' && life->stands <= DISK) || (life->state == 'R' && still))
            wanted += passed;
        else if (before)
            wanted += grown(before->waited, life->waited);
    }
    memcpy(silence->lives, lives, count * sizeof *lives);
    silence->count = count;
    double idle = passed > ran ? passed - ran : 0;
    return wanted < idle ? wanted : idle;
}

void rfh_silence_broken(rfh_silence *silence)
{
    clock_gettime(CLOCK_MONOTONIC, &silence->looked);
    silence->seconds = silence->by_the_clock = 0;
    silence->count = 0;
}

int rfh_silence_lasts(rfh_silence *silence, double limit)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double passed = at(&now) - at(&silence->looked);
    passed = passed < MOST ? passed : MOST; /* whoever looks later than that was not run itself */
    silence->looked = now;
    silence->by_the_clock += passed;
    /* A look opens files, and the program that runs could see their descriptors: it is taken where a hang is near only. */
    silence->seconds += passed - (2 * silence->seconds < limit ? 0 : held_up(silence, passed));
    return silence->seconds >= limit || silence->by_the_clock >= PATIENCE * limit;
}
