#include "memory/environment.h"

#include "base/parts.h"
#include "memory/copy.h"

RFN_STATE char **model_environ;

char **rfn_variable(const char *name, size_t length)
{
    for (char **at = model_environ; at != NULL && *at != NULL; at++) {
        size_t i = 0;
        while (i < length && (*at)[i] == name[i]) {
            i++;
        }
        if (i == length && (*at)[i] == '=') {
            return at;
        }
    }
    return NULL;
}

const char *rfn_environment(const char *name)
{
    size_t length = rfn_text_length(name);
    char **at = rfn_variable(name, length);
    return at == NULL ? NULL : *at + length + 1;
}
