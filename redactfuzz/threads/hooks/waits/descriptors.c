#define _GNU_SOURCE
#include "waits/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 4 }; /* of epoll within epoll */

int rfh_is_ready(int fd, short what)
{
    struct pollfd look = {.fd = fd, .events = what};
    return poll(&look, 1, 0) != 0; /* an error, too, is for the call itself */
}

int rfh_waits_when_empty(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && !(flags & O_NONBLOCK);
}

typedef struct end {
    struct stat pipe;             /* S_ISFIFO: the same file, open the other way */
    int mode;
    struct sockaddr_storage name; /* else the socket that has this name */
    socklen_t size;
} end;

static int same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family)
        return 0;
    if (a->ss_family == AF_INET6)
        return ((const struct sockaddr_in6 *)a)->sin6_port == ((const struct sockaddr_in6 *)b)->sin6_port;
    return ((const struct sockaddr_in *)a)->sin_port == ((const struct sockaddr_in *)b)->sin_port;
}

static int is_end(int fd, const end *wanted)
{
    int flags = fcntl(fd, F_GETFL);
    struct stat status;
    if (flags < 0 || fstat(fd, &status) != 0)
        return 0;
    if (S_ISFIFO(wanted->pipe.st_mode))
        return ((flags & O_ACCMODE) == wanted->mode || (flags & O_ACCMODE) == O_RDWR)
            && status.st_ino == wanted->pipe.st_ino && status.st_dev == wanted->pipe.st_dev;
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    return S_ISSOCK(status.st_mode) && getsockname(fd, (struct sockaddr *)&name, &size) == 0
        && same_address(&name, &wanted->name);
}

/* Has this process the other end of a pipe or connection? One that it has yet to accept, too. */
static int has_end(const end *wanted)
{
    DIR *folder = opendir("/proc/self/fd");
    int found = 0;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
        found = entry->d_name[0] != '.' && is_end(atoi(entry->d_name), wanted);
    if (folder)
        closedir(folder);
    return found;
}

static int is_here(const struct sockaddr_storage *peer)
{
    if (peer->ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)peer)->sin6_addr);
    return (ntohl(((const struct sockaddr_in *)peer)->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

static rfh_reach reach_of_socket(int fd)
{
    int listens = 0;
    struct ucred peer;
    socklen_t size = sizeof listens;
    end other = {.size = sizeof other.name};
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens)
        return RFH_BY_ANYBODY;
    if (getpeername(fd, (struct sockaddr *)&other.name, &other.size) != 0)
        return RFH_BY_ANYBODY; /* not connected: whoever knows its name may send */
    if (other.name.ss_family == AF_INET || other.name.ss_family == AF_INET6)
        return is_here(&other.name) && has_end(&other) ? RFH_BY_US : RFH_BY_OTHERS;
    size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid() ? RFH_BY_US : RFH_BY_OTHERS;
}

static rfh_reach reach(int fd, short what, int depth);

/* Of the descriptors that it watches, the one that is farthest away. */
static rfh_reach reach_of_epoll(int fd, int depth)
{
    char path[64], line[256];
    int watched, found = RFH_BY_US;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *about = depth > 0 ? fopen(path, "re") : NULL;
    if (about == NULL)
        return RFH_BY_OTHERS;
    while (fgets(line, sizeof line, about))
        if (sscanf(line, "tfd: %d", &watched) == 1) {
            int each = reach(watched, POLLIN, depth - 1);
            found = each > found ? each : found;
        }
    fclose(about);
    return (rfh_reach)found;
}

static rfh_reach reach_of_object(int fd, int depth)
{
    char path[64], name[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(path, name, sizeof name - 1);
    name[size > 0 ? size : 0] = 0;
    if (strcmp(name, "anon_inode:[eventfd]") == 0)
        return RFH_BY_US;
    if (strcmp(name, "anon_inode:[eventpoll]") == 0)
        return reach_of_epoll(fd, depth);
    return strcmp(name, "anon_inode:[signalfd]") == 0 ? RFH_BY_ANYBODY : RFH_BY_OTHERS;
}

static rfh_reach reach(int fd, short what, int depth)
{
    end other = {.mode = what & POLLIN ? O_WRONLY : O_RDONLY};
    if (fstat(fd, &other.pipe) != 0)
        return RFH_BY_OTHERS;
    if (S_ISFIFO(other.pipe.st_mode))
        return has_end(&other) ? RFH_BY_US : RFH_BY_OTHERS;
    return S_ISSOCK(other.pipe.st_mode) ? reach_of_socket(fd) : reach_of_object(fd, depth);
}

rfh_reach rfh_reach_of(int fd, short what) { return reach(fd, what, DEPTH); }

void *rfh_object_of(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return NULL;
    return (void *)((((uintptr_t)status.st_ino << 1) ^ ((uintptr_t)status.st_dev << 40)) | 1);
}

void rfh_push_out(int fd)
{
    int error = errno, unsent = 0, no_delay = 0, yes = 1;
    socklen_t size = sizeof no_delay;
    if (ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent > 0
        && getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    }
    errno = error;
}
