/* Models that run on a stack of their own, see aside.h. Offsets are those of rfn_fiber. */
#if defined(__x86_64__) && !defined(RFN_PORTABLE)

#define OWN 2280
#define OUTSIDE 2288
#define FRAME 64 /* below OWN: rbx rbp r12 r13 r14 r15, and room that keeps it aligned */

    .text

/* Onto the stack for models, unless there are no threads yet (a constructor of the program): then on to `direct`. A model's
 * arguments lie in registers, all of them. */
    .macro enter direct
    movq rfn_current(%rip), %rax
    testq %rax, %rax
    jz \direct
    movq OWN(%rax), %r10
    movq %rsp, OUTSIDE(%rax)
    /* In the order of rfn_context.kept, upwards to OWN. */
    movq %rbx, -48(%r10)
    movq %rbp, -40(%r10)
    movq %r12, -32(%r10)
    movq %r13, -24(%r10)
    movq %r14, -16(%r10)
    movq %r15, -8(%r10)
    leaq -FRAME(%r10), %rsp
    .endm

/* Back to the program's stack; the fiber is \fiber. A handler may have changed the registers. */
    .macro back fiber
    movq OWN(\fiber), %r11
    movq -48(%r11), %rbx
    movq -40(%r11), %rbp
    movq -32(%r11), %r12
    movq -24(%r11), %r13
    movq -16(%r11), %r14
    movq -8(%r11), %r15
    movq OUTSIDE(\fiber), %rsp
    movq $0, OUTSIDE(\fiber)
    .endm

/* Models return into [rfn_aside_first, rfn_aside_last). */
    .globl rfn_aside_first
rfn_aside_first:

returned:
    movq rfn_current(%rip), %r10
    back %r10
    ret

/* void rfn_aside(void (*what)(void *), void *argument) */
    .globl rfn_aside
    .type rfn_aside, @function
rfn_aside:
    movq %rdi, %r11
    movq %rsi, %rdi
    enter 1f
    call *%r11
    jmp returned
1:  jmp *%r11
    .size rfn_aside, . - rfn_aside

    .macro aside names:vararg
    .irp name, \names
    .globl aside_\name
    .type aside_\name, @function
aside_\name:
    enter model_\name
    call model_\name
    jmp returned
    .size aside_\name, . - aside_\name
    .endr
    .endm

/* None that takes an argument on the stack, or that printf and its like of libc work for: those leave much on the stack. */
    aside free, malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign, reallocarray, valloc, pvalloc, strdup, strndup
    aside memcpy, memmove, mempcpy, memset, memccpy, bcopy, bzero, explicit_bzero, memset_explicit
    aside __tsan_memcpy, __tsan_memmove, __tsan_memset
    aside __memcpy_chk, __memmove_chk, __mempcpy_chk, __memset_chk, __explicit_bzero_chk
    aside strcpy, strncpy, strcat, strncat, stpcpy, stpncpy, strlcpy, strlcat
    aside __strcpy_chk, __strncpy_chk, __strcat_chk, __strncat_chk, __stpcpy_chk, __stpncpy_chk
    aside memchr, memcmp, bcmp, memmem, memrchr, strchr, strrchr, strcmp, strncmp, strcasecmp, strncasecmp, strlen, strnlen, strstr
    aside __atomic_load, __atomic_store, __atomic_exchange, __atomic_compare_exchange
    aside pthread_mutex_init, pthread_mutex_destroy, pthread_mutex_lock, pthread_mutex_trylock, pthread_mutex_timedlock
    aside pthread_mutex_clocklock, pthread_mutex_unlock, pthread_mutex_consistent
    aside pthread_cond_init, pthread_cond_destroy, pthread_cond_wait, pthread_cond_timedwait, pthread_cond_clockwait
    aside pthread_cond_signal, pthread_cond_broadcast
    aside pthread_rwlock_init, pthread_rwlock_destroy, pthread_rwlock_rdlock, pthread_rwlock_wrlock, pthread_rwlock_unlock
    aside pthread_rwlock_tryrdlock, pthread_rwlock_trywrlock, pthread_rwlock_timedrdlock, pthread_rwlock_timedwrlock
    aside pthread_rwlock_clockrdlock, pthread_rwlock_clockwrlock
    aside pthread_barrier_init, pthread_barrier_destroy, pthread_barrier_wait
    aside pthread_spin_init, pthread_spin_destroy, pthread_spin_lock, pthread_spin_trylock, pthread_spin_unlock
    aside sem_init, sem_destroy, sem_getvalue, sem_post, sem_wait, sem_trywait, sem_timedwait, sem_clockwait
    aside mtx_init, mtx_destroy, mtx_lock, mtx_trylock, mtx_timedlock, mtx_unlock
    aside cnd_init, cnd_destroy, cnd_wait, cnd_timedwait, cnd_signal, cnd_broadcast
    aside thrd_create, thrd_join, thrd_detach, thrd_sleep, thrd_yield
    aside pthread_create, pthread_join, pthread_tryjoin_np, pthread_timedjoin_np, pthread_clockjoin_np, pthread_detach
    aside pthread_cancel, pthread_testcancel, pthread_setcancelstate, pthread_setcanceltype
    aside pthread_self, pthread_equal, pthread_setname_np, pthread_getname_np
    aside pthread_key_create, pthread_key_delete, pthread_getspecific, pthread_setspecific
    aside sched_yield, pthread_yield, sleep, usleep, nanosleep, clock_nanosleep
    aside clock_gettime, gettimeofday, time, timespec_get
    aside kill, raise, tgkill, pthread_kill, pause, sigaction, signal, sigaltstack, pthread_sigmask, sigprocmask, sigsuspend
    aside sigwait, sigwaitinfo, sigtimedwait, sigpending, sigemptyset, sigfillset, sigaddset, sigdelset
    aside mmap, mmap64, munmap, mremap, mprotect, madvise, posix_madvise, msync, mlock, mlock2, munlock, mlockall, munlockall
    aside prctl, getrlimit, getrlimit64, setrlimit, setrlimit64, prlimit, prlimit64, getpid, getppid, gettid, getrandom, getentropy
    aside open, open64, openat, openat64, creat, creat64, close, read, pread, pread64, readv, write, pwrite, pwrite64, writev
    aside lseek, lseek64, ftruncate, ftruncate64, fsync, fdatasync, dup, dup2, dup3, pipe, pipe2, memfd_create, fcntl, fcntl64, ioctl
    aside connect, send, sendto, recv, socket, setsockopt, shutdown, flock, isatty
    aside stat, stat64, lstat, lstat64, fstat, fstat64, access, rename, unlink, remove, mkdir, rmdir
    aside fopen, fopen64, fdopen, fclose, fflush, fmemopen, open_memstream, fileno, feof, ferror, fseek, ftell, rewind, setvbuf, setbuf
    aside fread, fwrite, fgetc, fgets, fputc, fputs, getc, putc, getchar, putchar, puts, ungetc, getline, getdelim
    aside getenv, secure_getenv, setenv, unsetenv, putenv, clearenv
    aside fork, _Fork, wait, waitpid, wait3, wait4
    aside exit, _exit, _Exit, quick_exit, abort, atexit, on_exit, at_quick_exit, __cxa_atexit
    aside rand, srand, random, srandom, arc4random, arc4random_buf, arc4random_uniform
    aside redactfuzz_canary, redactfuzz_allow, redactfuzz_forbid
    .irp bits, 8, 16, 32, 64, 128
    .irp what, load, store, exchange, fetch_add, fetch_sub, fetch_and, fetch_or, fetch_xor, fetch_nand
    aside __tsan_atomic\bits\()_\what
    .endr
    aside __tsan_atomic\bits\()_compare_exchange_strong, __tsan_atomic\bits\()_compare_exchange_weak
    .endr
    .irp bits, 8, 16, 32, 64 /* that of 128 has an argument on the stack */
    aside __tsan_atomic\bits\()_compare_exchange_val
    .endr

    .globl rfn_aside_last
rfn_aside_last:

/* void rfn_back_outside(void (*next)(void)) */
    .globl rfn_back_outside
    .type rfn_back_outside, @function
rfn_back_outside:
    movq rfn_current(%rip), %rax
    back %rax
    jmp *%rdi
    .size rfn_back_outside, . - rfn_back_outside

/* void rfn_call_program(void *function, void *first, void *second) */
    .globl rfn_call_program
    .type rfn_call_program, @function
rfn_call_program:
    movq %rdi, %r11
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq rfn_current(%rip), %rax
    testq %rax, %rax
    jz 2f
    movq OUTSIDE(%rax), %r10
    testq %r10, %r10
    jz 2f
    pushq %rbx
    pushq OWN(%rax)
    pushq %r10
    movq %rsp, %rbx
    movq %rsp, OWN(%rax) /* aligned: a call and three words */
    movq $0, OUTSIDE(%rax)
    leaq -8(%r10), %rsp
    call *%r11
    movq %rbx, %rsp
    movq rfn_current(%rip), %rax
    popq OUTSIDE(%rax)
    popq OWN(%rax)
    popq %rbx
    ret
2:  jmp *%r11
    .size rfn_call_program, . - rfn_call_program

#endif

    .section .note.GNU-stack, "", %progbits
