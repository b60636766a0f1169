/* One text behind values of all types, while another thread cuts it: the process ends with how long it was. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static char text[8] = "abcdef";

static void *cuts(void *unused)
{
    text[2] = 0;
    return unused;
}

int main(void)
{
    pthread_t thread;
    char all[256];
    int length;
    pthread_create(&thread, NULL, cuts, NULL);
    length = snprintf(all, sizeof all, "%hhd%hd%d%ld%lld%jd%zu%td%c%%%p%x%5.1f%-8g%Lf%e%a%*d%-*.*s%.3s|%s", (signed char)1,
                     (short)2, 3, 4L, 5LL, (intmax_t)6, (size_t)7, (ptrdiff_t)8, '9', (void *)all, 10u, 1.5, 2.5, 3.5L, 4.5, 5.5, 4, 6, 6,
                     2, "seven", "eight", text);
    pthread_join(thread, NULL);
    for (int at = 0; at < length; at++) {
        if (all[at] == '|') _exit(length - at - 1);
    }
    return 99;
}
