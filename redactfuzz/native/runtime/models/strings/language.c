/* The locale: libc's own. What an execution chooses is not there in the next one. */
#include <locale.h>
#include <stddef.h>

#include "base/parts.h"
#include "choices/event.h"
#include "schedule/point.h"
#include "state/objects.h"

static RFN_STATE int chosen;

static void reset(void)
{
    if (chosen) {
        setlocale(LC_ALL, "C");
        chosen = 0;
    }
}

char *model_setlocale(int category, const char *name)
{
    rfn_at(name == NULL ? RF_READ : RF_RMW, RFN_OBJECT(RFN_PROCESS), SITE());
    chosen |= name != NULL;
    return setlocale(category, name);
}

RFN_PART(RFN_ON_MODELS_STRINGS, language, .reset = reset);
