/* Condition variables, for C11 and C++. */
#ifndef RFN_CONDITION_H
#define RFN_CONDITION_H

#include <pthread.h>
#include <stdint.h>

/* 0, ETIMEDOUT, or what taking the mutex again gives. A cancellation point. */
int rfn_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, uintptr_t site, uint64_t deadline);
void rfn_condition_signal(pthread_cond_t *condition, uintptr_t site);
void rfn_condition_broadcast(pthread_cond_t *condition, uintptr_t site);
void rfn_condition_init(pthread_cond_t *condition);
void rfn_condition_destroy(pthread_cond_t *condition, uintptr_t site);

#endif
