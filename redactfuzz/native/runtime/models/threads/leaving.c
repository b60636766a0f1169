/* How a thread leaves its frames when it exits or was cancelled.
 *
 * pthread_cleanup_push makes of itself, depending on the language:
 *   C                  __sigsetjmp and __pthread_register_cancel; the handler runs when somebody jumps into the buffer, and
 *                      goes on with __pthread_unwind_next
 *   C, -fexceptions    a variable with __attribute__((cleanup)), run by the unwinder
 *   C++                an object with a destructor, run by the unwinder, as those of the program's own objects are
 * So frames are unwound by _Unwind_ForcedUnwind of the program's own libgcc_s, as glibc does, if it has frames with
 * something to run; else it is enough to jump from buffer to buffer.
 */
#include "models/threads/leaving.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stddef.h>
#include <unwind.h>

#include "base/parts.h"
#include "processor/aside.h"
#include "schedule/ending.h"
#include "schedule/fiber.h"
#include "schedule/point.h"
#include "state/control.h"
#include "state/outcome.h"

static typeof(_Unwind_ForcedUnwind) *forced_unwind; /* NULL: no frame has anything to run */
static typeof(_Unwind_GetCFA) *frame_of;

/* What the program links decides whether its frames have destructors and cleanups of their own. */
static int loaded(void *handle)
{
    void *cpp = dlsym(handle, "__gxx_personality_v0");
    void *c = dlsym(handle, "__gcc_personality_v0");
    void *unwind = dlsym(handle, "_Unwind_ForcedUnwind");
    void *frame = dlsym(handle, "_Unwind_GetCFA");
    if ((cpp != NULL || c != NULL) && unwind != NULL && frame != NULL) {
        forced_unwind = (typeof(_Unwind_ForcedUnwind) *)unwind;
        frame_of = (typeof(_Unwind_GetCFA) *)frame;
    }
    return 1;
}

/* Where the innermost pthread_cleanup_push of C is to be continued. */
static void jump_to_cleanup(void)
{
    void *buffer = rfn_current->cleanup;
    if (buffer != NULL) {
        rfn_frames_left();
        _longjmp((struct __jmp_buf_tag *)buffer, 1);
    }
}

/* Before each frame is left. A buffer lies in the frame that pushed it: below the start of the next one. */
static _Unwind_Reason_Code before_frame(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
                                        struct _Unwind_Exception *exception, struct _Unwind_Context *context, void *unused)
{
    uintptr_t frame = frame_of(context);
    int last = (actions & _UA_END_OF_STACK) != 0 || frame >= (uintptr_t)rfn_control_of(rfn_current);
    (void)version;
    (void)kind;
    (void)exception;
    (void)unused;
    if (last || (uintptr_t)rfn_current->cleanup < frame) {
        jump_to_cleanup();
    }
    if (last) {
        rfn_finish();
    }
    return _URC_NO_REASON;
}

static void swallowed(_Unwind_Reason_Code reason, struct _Unwind_Exception *exception)
{
    (void)reason;
    (void)exception;
    rfn_bug(RFN_BUG_MISUSE, 0, "catch (...) without throw; ends the exit of a thread");
}

static _Noreturn void leave_frames(void)
{
    struct _Unwind_Exception *exception = &rfn_control_of(rfn_current)->exception;
    if (forced_unwind != NULL) {
        exception->exception_class = 0;
        exception->exception_cleanup = swallowed;
        forced_unwind(exception, before_frame, NULL);
        /* It comes back from frames that it cannot read. */
    }
    jump_to_cleanup();
    rfn_finish();
}

_Noreturn void rfn_thread_leaves(void *result)
{
    rfn_control_of(rfn_current)->leaving = 1;
    rfn_control_of(rfn_current)->result = result;
    if (rfn_current->outside != 0) {
        rfn_back_outside(leave_frames);
    }
    leave_frames();
}

/* -- what the macros of <pthread.h> call */

/* What __pad holds. */
enum { OUTER = 0, TYPE_BEFORE = 1 };

void model___pthread_register_cancel(__pthread_unwind_buf_t *buffer)
{
    buffer->__pad[OUTER] = rfn_current->cleanup;
    rfn_current->cleanup = buffer;
}

void model___pthread_unregister_cancel(__pthread_unwind_buf_t *buffer)
{
    rfn_current->cleanup = buffer->__pad[OUTER];
}

void model___pthread_register_cancel_defer(__pthread_unwind_buf_t *buffer);
void model___pthread_register_cancel_defer(__pthread_unwind_buf_t *buffer)
{
    rfn_control *control = rfn_control_of(rfn_current);
    model___pthread_register_cancel(buffer);
    buffer->__pad[TYPE_BEFORE] = (void *)(uintptr_t)control->asynchronous;
    control->asynchronous = 0;
}

void model___pthread_unregister_cancel_restore(__pthread_unwind_buf_t *buffer);
void model___pthread_unregister_cancel_restore(__pthread_unwind_buf_t *buffer)
{
    model___pthread_unregister_cancel(buffer);
    rfn_control_of(rfn_current)->asynchronous = buffer->__pad[TYPE_BEFORE] != NULL;
}

/* A handler has run; those further out are next. */
_Noreturn void model___pthread_unwind_next(__pthread_unwind_buf_t *buffer)
{
    rfn_current->cleanup = buffer->__pad[OUTER];
    leave_frames();
}

/* C with -fexceptions, without optimisation. */
void model___pthread_cleanup_routine(struct __pthread_cleanup_frame *frame);
void model___pthread_cleanup_routine(struct __pthread_cleanup_frame *frame)
{
    if (frame->__do_it) {
        frame->__cancel_routine(frame->__cancel_arg);
    }
}

_Noreturn void model_pthread_exit(void *result)
{
    rfn_thread_leaves(result);
}

_Noreturn void model_thrd_exit(int result)
{
    rfn_thread_leaves((void *)(intptr_t)result);
}

RFN_PART(RFN_ON_MODELS_THREADS, leaving, .loaded = loaded);
