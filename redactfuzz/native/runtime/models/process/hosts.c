/* Names of hosts, of which nobody is asked: each has the address 127.0.0.1, and what is an address already is that. What is given lies
 * where the C library has it, in the program's heap or in memory of its own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/parts.h"
#include "memory/copy.h"
#include "memory/library.h"
#include "memory/memory.h"
#include "memory/touched.h"
#include "models/memory/heap.h"
#include "models/process/refused.h"
#include "models/strings/bytes.h"
#include "schedule/point.h"

/* -- getaddrinfo */

typedef struct found {
    struct addrinfo info;
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address;
} found;

/* Where a name leads to. 0, or what getaddrinfo gives. */
static int leads_to(const char *name, int family, int flags, found *to)
{
    struct in_addr four = {.s_addr = htonl(flags & AI_PASSIVE && name == NULL ? INADDR_ANY : INADDR_LOOPBACK)};
    struct in6_addr six = flags & AI_PASSIVE && name == NULL ? in6addr_any : in6addr_loopback;
    int is_four = name != NULL && inet_pton(AF_INET, name, &four) == 1;
    int is_six = name != NULL && inet_pton(AF_INET6, name, &six) == 1;
    if (name != NULL && !is_four && !is_six && (flags & AI_NUMERICHOST)) {
        return EAI_NONAME;
    }
    if ((is_four && family == AF_INET6) || (is_six && family == AF_INET)) {
        return EAI_ADDRFAMILY;
    }
    if (is_six || family == AF_INET6) {
        to->address.six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = six};
        to->info.ai_addrlen = sizeof to->address.six;
    } else {
        to->address.four = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = four};
        to->info.ai_addrlen = sizeof to->address.four;
    }
    to->info.ai_family = to->address.any.sa_family;
    return 0;
}

/* The port, or -1: the service is no number. */
static int port_of(const char *service)
{
    char *end;
    unsigned long port = service == NULL ? 0 : strtoul(service, &end, 10);
    return service != NULL && (*service == 0 || *end != 0 || port > UINT16_MAX) ? -1 : (int)port;
}

/* One entry of the list, in the program's heap. */
static found *entry(const found *like, int type, int protocol, uintptr_t site)
{
    found *made = rfn_allocate(sizeof *made, site);
    if (made != NULL) {
        rfn_wrote(made, sizeof *made);
        rfn_copy(made, like, sizeof *made);
        made->info.ai_socktype = type;
        made->info.ai_protocol = protocol;
        made->info.ai_addr = &made->address.any;
    }
    return made;
}

int model_getaddrinfo(const char *name, const char *service, const struct addrinfo *wanted, struct addrinfo **out)
{
    static const int kinds[][2] = {{SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}, {SOCK_RAW, 0}};
    const struct addrinfo any = {.ai_family = AF_UNSPEC};
    uintptr_t site = SITE();
    found like = {0};
    struct addrinfo *first = NULL, **last = &first;
    int port = port_of(service), error;
    rfn_at(RF_RMW, NULL, site);
    wanted = wanted == NULL ? &any : wanted;
    if (name == NULL && service == NULL) {
        return EAI_NONAME;
    }
    if (wanted->ai_family != AF_UNSPEC && wanted->ai_family != AF_INET && wanted->ai_family != AF_INET6) {
        return EAI_FAMILY;
    }
    if (port < 0) {
        rfn_fails_always(site, "getaddrinfo for a service that is no number");
        return EAI_SERVICE;
    }
    error = leads_to(name, wanted->ai_family, wanted->ai_flags, &like);
    if (error != 0) {
        return error;
    }
    like.address.four.sin_port = htons((uint16_t)port); /* IPv6 has it in the same place */
    rfn_touched_all(); /* the heap */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int is_kind = wanted->ai_socktype == 0 || wanted->ai_socktype == kinds[i][0];
        if (is_kind && (wanted->ai_protocol == 0 || kinds[i][1] == 0 || wanted->ai_protocol == kinds[i][1])) {
            found *made = entry(&like, kinds[i][0], wanted->ai_protocol != 0 ? wanted->ai_protocol : kinds[i][1], site);
            if (made == NULL) {
                return EAI_MEMORY;
            }
            *last = &made->info;
            last = &made->info.ai_next;
        }
    }
    if (first == NULL) {
        return EAI_SOCKTYPE;
    }
    if (name != NULL && (wanted->ai_flags & AI_CANONNAME)) {
        size_t size = rfn_text_length(name) + 1;
        char *text = rfn_allocate(size, site);
        if (text == NULL) {
            return EAI_MEMORY;
        }
        rfn_wrote(text, size);
        rfn_copy(text, name, size);
        first->ai_canonname = text;
    }
    rfn_wrote(out, sizeof *out);
    *out = first;
    return 0;
}

void model_freeaddrinfo(struct addrinfo *first)
{
    uintptr_t site = SITE();
    rfn_at(RF_RMW, NULL, site);
    rfn_touched_all();
    while (first != NULL) {
        struct addrinfo *next = first->ai_next;
        if (first->ai_canonname != NULL) {
            rfn_release(first->ai_canonname, site);
        }
        rfn_release(first, site);
        first = next;
    }
}

/* -- gethostbyname */

typedef struct host {
    char *aliases[1], *addresses[2];
    struct in_addr address;
    char name[]; /* as it was asked for */
} host;

static RFN_STATE struct shared {
    struct hostent entry;
    host *host;
} *shared; /* what gethostbyname gives; NULL: none was given in this execution */

static void reset(void) { shared = NULL; }

static void lay_out(const char *name, size_t size, struct hostent *entry, host *in)
{
    rfn_wrote(in, sizeof *in + size);
    rfn_wrote(entry, sizeof *entry);
    rfn_copy(in->name, name, size);
    if (inet_pton(AF_INET, name, &in->address) != 1) {
        in->address.s_addr = htonl(INADDR_LOOPBACK);
    }
    in->aliases[0] = NULL;
    in->addresses[0] = (char *)&in->address;
    in->addresses[1] = NULL;
    *entry = (struct hostent){in->name, in->aliases, AF_INET, sizeof in->address, in->addresses};
}

struct hostent *model_gethostbyname(const char *name)
{
    size_t size = rfn_text_length(name) + 1;
    rfn_at(RF_RMW, NULL, SITE());
    if (shared == NULL) {
        shared = rfn_library(sizeof *shared);
    }
    shared->host = rfn_reallocate(shared->host, sizeof *shared->host + size, SITE());
    if (shared->host == NULL) {
        return NULL;
    }
    lay_out(name, size, &shared->entry, shared->host);
    return &shared->entry;
}

int model_gethostbyname_r(const char *name, struct hostent *entry, char *room, size_t length, struct hostent **out,
                          int *error)
{
    size_t size = rfn_text_length(name) + 1;
    size_t skip = -(uintptr_t)room % _Alignof(host);
    int fits = length >= skip && length - skip >= sizeof(host) + size;
    rfn_at(RF_RMW, NULL, SITE());
    rfn_wrote(out, sizeof *out);
    *out = fits ? entry : NULL;
    if (!fits) {
        rfn_wrote(error, sizeof *error);
        *error = NETDB_INTERNAL;
        return ERANGE;
    }
    lay_out(name, size, entry, (host *)(void *)(room + skip));
    return 0;
}

RFN_PART(RFN_ON_MODELS_PROCESS, hosts, .reset = reset);
