/* The canaries of the batch, as Python laid them into the vault. */
#ifndef RFN_VAULT_H
#define RFN_VAULT_H

#include "state/run.h"

static inline rfn_vault_canary *rfn_canaries(void)
{
    return (rfn_vault_canary *)(void *)(rfn.vault + sizeof(rfn_vault));
}

static inline const rfn_vault_canary *rfn_canary(uint32_t index) { return &rfn_canaries()[index]; }

#endif
