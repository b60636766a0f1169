/* Other programs are not started: the calls fail, and are told of. Must exit with 0. */
#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    assert(execl("/bin/true", "true", (char *)NULL) == -1);
    assert(system("true") == -1);
    return 0;
}
