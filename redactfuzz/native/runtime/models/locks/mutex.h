/* Mutexes, for those who wait with one: condition variables, C11. */
#ifndef RFN_MUTEX_H
#define RFN_MUTEX_H

#include <pthread.h>
#include <stdint.h>

#include "schedule/fiber.h"

/* 0 or an error number, as pthread_mutex_lock gives it. */
int rfn_mutex_lock(pthread_mutex_t *mutex, uintptr_t site, uint64_t deadline);
int rfn_mutex_trylock(pthread_mutex_t *mutex, uintptr_t site);
int rfn_mutex_unlock(pthread_mutex_t *mutex, uintptr_t site);
void rfn_mutex_destroy(pthread_mutex_t *mutex, uintptr_t site);

/* Does the current thread hold it. */
int rfn_mutex_is_mine(const pthread_mutex_t *mutex);
/* Gives it up at once, without a point of its own, and says how often it was locked. */
uint32_t rfn_mutex_drop(pthread_mutex_t *mutex);
/* Takes it again as often. 0, EOWNERDEAD or ENOTRECOVERABLE. */
int rfn_mutex_retake(pthread_mutex_t *mutex, uint32_t times, uintptr_t site);

/* The condition of those who wait for one. */

#endif
