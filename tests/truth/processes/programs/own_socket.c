/* A thread that serves at a socket copies a key when somebody has connected, or sent something: the program itself, or nobody. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../wiped_key.h"

enum { TCP, UNIX, UDP, ELSEWHERE, ELSEWHERE_UNIX };

static unsigned char other[32];
static const unsigned char *secret;
static int at;

static void *serves(void *unused)
{
    char byte;
    if (WAY == UDP) {
        if (recvfrom(at, &byte, 1, 0, NULL, NULL) < 0)
            return unused;
    } else if (accept(at, NULL, NULL) < 0) {
        return unused;
    }
    copied(other, secret);
    return unused;
}

int main(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(34567)};
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "served.sock"};
    int is_un = WAY == UNIX || WAY == ELSEWHERE_UNIX, type = WAY == UDP ? SOCK_DGRAM : SOCK_STREAM;
    const struct sockaddr *address = is_un ? (void *)&un : (void *)&in;
    socklen_t size = is_un ? sizeof un : sizeof in;
    pthread_t server;
    secret = redactfuzz_canary("k", sizeof key);
    begins();
    copied(key, secret);
    at = socket(address->sa_family, type, 0);
    int from = socket(address->sa_family, type, 0);
    if (bind(at, address, size) != 0 || (WAY != UDP && listen(at, 1) != 0))
        return 1;
    pthread_create(&server, NULL, serves, NULL);
    if (WAY == ELSEWHERE)
        in.sin_port = htons(34568);
    if (WAY == ELSEWHERE_UNIX)
        un.sun_path[0] = 'n';
    if (WAY == UDP ? sendto(from, "x", 1, 0, address, size) < 0 : connect(from, address, size) != 0)
        return 2;
    if (WAY < ELSEWHERE)
        pthread_join(server, NULL);
    return 0;
}
