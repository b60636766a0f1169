/* C++ threads, as gcc compiles them. Mutexes, locks and timed waits of the standard library are inline and call pthread_*; what
 * is in libstdc++.so would call the real ones, and is modelled here by its mangled name. Not modelled, and therefore named when
 * a program uses it: promise::set_value_at_thread_exit.
 *
 * Compiled with -fexceptions: the function object of a thread is destroyed when its frames are unwound.
 */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "base/parts.h"
#include "memory/memory.h"
#include "models/locks/condition.h"
#include "models/locks/futex.h"
#include "models/locks/mutex.h"
#include "models/memory/heap.h"
#include "models/process/terminate.h"
#include "models/threads/join.h"
#include "models/threads/sync.h"
#include "schedule/ending.h"
#include "schedule/point.h"
#include "schedule/wait.h"
#include "state/control.h"
#include "state/outcome.h"

enum { PROCESSORS = 4, SECOND = 1000000000 };

static void (*throw_system_error)(int);
static void (*release_error)(void **);
typedef void terminator(void);
static terminator *(*set_terminate)(terminator *);
static RFN_STATE int other_terminator; /* the program has one of its own */

static void terminates(void)
{
    rfn_terminates(SITE());
}

static terminator *usual = terminates; /* a constructor of the program may choose another */

static int loaded(void *handle)
{
    void *globals = dlsym(handle, "__cxa_get_globals");
    throw_system_error = (void (*)(int))dlsym(handle, "_ZSt20__throw_system_errori");
    release_error = (void (*)(void **))dlsym(handle, "_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv");
    rfn_exceptions = globals != NULL ? ((void **(*)(void))globals)() : NULL;
    set_terminate = (terminator * (*)(terminator *))dlsym(handle, "_ZSt13set_terminatePFvvE");
    if (set_terminate != NULL) {
        set_terminate(usual);
    }
    return rfn_exceptions != NULL || set_terminate != NULL; /* it throws nothing, and has no handler of that */
}

static void reset(void)
{
    if (rfn_exceptions != NULL) {
        rfn_exceptions[0] = rfn_exceptions[1] = NULL;
    }
    if (other_terminator && set_terminate != NULL) {
        set_terminate(usual);
        other_terminator = 0;
    }
}

/* Each fiber has its own rfn_exceptions: those of the one that leaves are still in place. */
static void switched(rfn_fiber *from, rfn_fiber *to)
{
    if (rfn_exceptions == NULL) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        rfn_control_of(from)->exceptions[i] = rfn_exceptions[i];
        rfn_exceptions[i] = rfn_control_of(to)->exceptions[i];
    }
}

static void fail(int error, uintptr_t site)
{
    if (throw_system_error != NULL) {
        throw_system_error(error);
    }
    rfn_bug(RFN_BUG_MISUSE, site, "std::thread: error %d", error);
}

/* std::set_terminate */
terminator *model__ZSt13set_terminatePFvvE(terminator *given);
terminator *model__ZSt13set_terminatePFvvE(terminator *given)
{
    terminator *before = usual;
    if (set_terminate == NULL) {
        usual = given; /* before the program was loaded */
        return before;
    }
    before = set_terminate(given);
    other_terminator = 1;
    return before;
}

/* -- std::thread */

/* std::thread::_State: its virtual functions are two destructors and _M_run. */
typedef struct task {
    void (**functions)(struct task *);
} task;

enum { DELETE = 1, RUN = 2 };

static void destroy_task(task **at)
{
    if (*at != NULL) {
        (*at)->functions[DELETE](*at);
    }
}

static void *run_task(void *argument)
{
    task *kept __attribute__((cleanup(destroy_task))) = argument;
    kept->functions[RUN](kept);
    return NULL;
}

/* thread::_M_start_thread(unique_ptr<_State>, void (*)()) */
void model__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(pthread_t *thread, task **given,
                                                                                                 void (*depends)(void));
void model__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(pthread_t *thread, task **given,
                                                                                                 void (*depends)(void))
{
    uintptr_t site = SITE();
    task *taken = *given;
    int error;
    (void)depends;
    rfn_wrote(given, sizeof *given);
    *given = NULL;
    error = rfn_thread_create(thread, 0, run_task, taken, (void *)taken->functions[RUN], 0, site);
    if (error != 0) {
        *given = taken;
        fail(error, site);
    }
}

void model__ZNSt6thread4joinEv(pthread_t *thread);
void model__ZNSt6thread4joinEv(pthread_t *thread)
{
    uintptr_t site = SITE();
    int error = *thread == 0 ? EINVAL : rfn_thread_join(*thread, NULL, site, RFN_FOREVER);
    if (error != 0) {
        fail(error, site);
    }
    rfn_wrote(thread, sizeof *thread);
    *thread = 0;
}

void model__ZNSt6thread6detachEv(pthread_t *thread);
void model__ZNSt6thread6detachEv(pthread_t *thread)
{
    uintptr_t site = SITE();
    int error = *thread == 0 ? EINVAL : rfn_thread_detach(*thread, site);
    if (error != 0) {
        fail(error, site);
    }
    rfn_wrote(thread, sizeof *thread);
    *thread = 0;
}

/* The destructor of thread::_State, which has nothing to destroy. */
void model__ZNSt6thread6_StateD2Ev(task *ended);
void model__ZNSt6thread6_StateD2Ev(task *ended)
{
    (void)ended;
}

unsigned model__ZNSt6thread20hardware_concurrencyEv(void);
unsigned model__ZNSt6thread20hardware_concurrencyEv(void)
{
    return PROCESSORS;
}

/* libstdc++'s reference counts are atomic only when this says so. Always: a second thread may come at any time. */
char model___libc_single_threaded = 0;

/* -- std::condition_variable: a pthread_cond_t */

void model__ZNSt18condition_variableC1Ev(pthread_cond_t *condition);
void model__ZNSt18condition_variableC1Ev(pthread_cond_t *condition)
{
    rfn_condition_init(condition);
}

void model__ZNSt18condition_variableD1Ev(pthread_cond_t *condition);
void model__ZNSt18condition_variableD1Ev(pthread_cond_t *condition)
{
    rfn_condition_destroy(condition, SITE());
}


/* std::unique_lock<std::mutex> */
typedef struct unique_lock {
    pthread_mutex_t *mutex;
    _Bool owns;
} unique_lock;

void model__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(pthread_cond_t *condition, unique_lock *lock);
void model__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(pthread_cond_t *condition, unique_lock *lock)
{
    rfn_condition_wait(condition, lock->mutex, SITE(), RFN_FOREVER);
}

void model__ZNSt18condition_variable10notify_oneEv(pthread_cond_t *condition);
void model__ZNSt18condition_variable10notify_oneEv(pthread_cond_t *condition)
{
    rfn_condition_signal(condition, SITE());
}

void model__ZNSt18condition_variable10notify_allEv(pthread_cond_t *condition);
void model__ZNSt18condition_variable10notify_allEv(pthread_cond_t *condition)
{
    rfn_condition_broadcast(condition, SITE());
}

/* std::notify_all_at_thread_exit(condition_variable &, unique_lock<mutex>) */
void model__ZSt25notify_all_at_thread_exitRSt18condition_variableSt11unique_lockISt5mutexE(pthread_cond_t *condition,
                                                                                           unique_lock *lock);
void model__ZSt25notify_all_at_thread_exitRSt18condition_variableSt11unique_lockISt5mutexE(pthread_cond_t *condition,
                                                                                           unique_lock *lock)
{
    rfn_control *control = rfn_control_of(rfn_current);
    rfn_notify_at_exit *news = rfn_allocate(sizeof *news, SITE());
    if (news == NULL || rfn_current == NULL) {
        return;
    }
    rfn_wrote(news, sizeof *news);
    rfn_wrote(lock, sizeof *lock);
    news->condition = condition;
    news->mutex = lock->mutex;
    news->next = control->notify_at_exit;
    control->notify_at_exit = news;
    lock->mutex = NULL; /* released, not unlocked */
    lock->owns = 0;
}

/* -- std::future */

/* __future_base::_Result_base: virtual functions, and an exception_ptr. */
typedef struct result {
    void *functions; /* set by the constructor of what derives from it */
    void *error;
} result;

void model__ZNSt13__future_base12_Result_baseC2Ev(result *made);
void model__ZNSt13__future_base12_Result_baseC2Ev(result *made)
{
    rfn_wrote(made, sizeof *made);
    made->functions = NULL;
    made->error = NULL;
}

void model__ZNSt13__future_base12_Result_baseD2Ev(result *ended);
void model__ZNSt13__future_base12_Result_baseD2Ev(result *ended)
{
    if (ended->error != NULL) {
        release_error(&ended->error);
    }
}

/* set_value_at_thread_exit, to which each std::packaged_task refers. */
void model__ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv(void *self);
void model__ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv(void *self)
{
    (void)self;
    rfn_problem(RFN_PROBLEM_OUTSIDE, SITE(), "a future is made ready at the end of a thread, which is not carried out");
}

/* __atomic_futex_unsigned_base. False: timed out */

_Bool model__ZNSt28__atomic_futex_unsigned_base19_M_futex_wait_untilEPjjbNSt6chrono8durationIlSt5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE(
    void *self, uint32_t *word, uint32_t value, _Bool timed, int64_t seconds, int64_t nanoseconds);
_Bool model__ZNSt28__atomic_futex_unsigned_base19_M_futex_wait_untilEPjjbNSt6chrono8durationIlSt5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE(
    void *self, uint32_t *word, uint32_t value, _Bool timed, int64_t seconds, int64_t nanoseconds)
{
    const struct timespec until = {seconds, nanoseconds};
    (void)self;
    return rfn_futex_wait(word, value, UINT32_MAX, SITE(), timed ? rfn_deadline(&until) : RFN_FOREVER) != ETIMEDOUT;
}


void model__ZNSt28__atomic_futex_unsigned_base19_M_futex_notify_allEPj(uint32_t *word);
void model__ZNSt28__atomic_futex_unsigned_base19_M_futex_notify_allEPj(uint32_t *word)
{
    rfn_futex_wake(word, UINT32_MAX, UINT32_MAX, SITE());
}

RFN_PART(RFN_ON_MODELS_PROCESS, cxx, .loaded = loaded, .reset = reset, .switched = switched);
