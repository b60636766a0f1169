/* Addresses of sockets: whether a program reaches a socket of its own, whose two ends are not carried out. */
#ifndef RFN_REACH_H
#define RFN_REACH_H

#include <stdint.h>
#include <sys/socket.h>

/* A family and a port, or the hash of a name; never 0, but for NULL and families that are not known. Whose machine it is does not count:
 * a program has many names for its own. */
uint64_t rfn_address(const struct sockaddr *address, socklen_t size);
/* The program connects to it, or sends there. Where a socket of its own is bound to it that is noted: nobody accepts, or receives. */
void rfn_reaches(const struct sockaddr *address, socklen_t size, uintptr_t site);

#endif
