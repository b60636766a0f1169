/* Waiting for a word to change: std::future, std::atomic::wait, syscall(SYS_futex). */
#ifndef RFN_FUTEX_H
#define RFN_FUTEX_H

#include <stdint.h>

/* 0: woken, EAGAIN: the word is another, ETIMEDOUT. */
int rfn_futex_wait(uint32_t *word, uint32_t value, uint32_t bits, uintptr_t site, uint64_t deadline);
/* How many were woken. */
long rfn_futex_wake(uint32_t *word, uint32_t most, uint32_t bits, uintptr_t site);

#endif
