#include "models/files/reach.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/un.h>

#include "memory/store.h"
#include "state/outcome.h"

enum { PORT_BITS = 16 };

/* FNV-1a, over the name as the kernel takes it: up to a zero, unless it begins with one. */
static uint64_t of_name(const struct sockaddr_un *name, socklen_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    size_t length = size - offsetof(struct sockaddr_un, sun_path);
    for (size_t i = 0; i < length && i < sizeof name->sun_path && (i == 0 || name->sun_path[0] == 0 || name->sun_path[i] != 0); i++) {
        hash = (hash ^ (uint8_t)name->sun_path[i]) * 0x100000001b3u;
    }
    return hash << PORT_BITS << PORT_BITS;
}

uint64_t rfn_address(const struct sockaddr *address, socklen_t size)
{
    uint64_t family;
    if (address == NULL || size <= offsetof(struct sockaddr_un, sun_path)) {
        return 0;
    }
    family = (uint64_t)address->sa_family << PORT_BITS;
    switch (address->sa_family) {
    case AF_INET:
        return size < sizeof(struct sockaddr_in) ? 0 : family | ntohs(((const struct sockaddr_in *)address)->sin_port);
    case AF_INET6: /* may be bound for AF_INET as well */
        return size < sizeof(struct sockaddr_in6) ? 0 : (uint64_t)AF_INET << PORT_BITS | ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    case AF_UNIX:
        return family | of_name((const struct sockaddr_un *)address, size);
    default:
        return 0;
    }
}

/* The kernel chooses a port for 0: it may be any. */
static int may_be(uint64_t bound, uint64_t reached)
{
    return bound != 0 && (bound == reached || bound == (uint64_t)AF_INET << PORT_BITS) && (bound ^ reached) >> PORT_BITS == 0;
}

void rfn_reaches(const struct sockaddr *address, socklen_t size, uintptr_t site)
{
    uint64_t reached = rfn_address(address, size);
    for (uint32_t i = 0; reached != 0 && i < rfn_file_count(); i++) {
        const rfn_file *file = rfn_file_number(i);
        if (file->kind == RFN_SOCKET && may_be(file->address, reached)) {
            rfn_problem(RFN_PROBLEM_OUTSIDE, site, "the program reaches a socket of its own, at whose other end nothing comes here");
            return;
        }
    }
}
