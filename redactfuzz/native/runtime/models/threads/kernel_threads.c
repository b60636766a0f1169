/* Threads of the kernel that the program did not start by us: a library did. Nobody controls them. */
#include <dirent.h>
#include <stddef.h>

#include "models/threads/kernel_threads.h"

#include "state/outcome.h"

void rfn_note_kernel_threads(void)
{
    DIR *threads = opendir("/proc/self/task");
    const struct dirent *entry;
    unsigned others = 0;
    if (threads == NULL) {
        rfn_problem(RFN_PROBLEM_OPAQUE, 0, "/proc/self/task cannot be read: threads of libraries would not be noticed");
        return;
    }
    while ((entry = readdir(threads)) != NULL) {
        others += entry->d_name[0] != '.';
    }
    closedir(threads);
    if (others > 1) {
        rfn_problem(RFN_PROBLEM_THREAD, 0, "a library has started threads, which nobody controls");
    }
}
