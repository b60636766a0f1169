/* The models that run on a stack of their own, see aside.h. */
#if defined(__x86_64__) && !defined(RFN_PORTABLE)

#include "processor/aside_x86_64.h"

    .section rfn_models_aside, "ax", @progbits

    .macro aside names:vararg
    .irp name, \names
    .globl aside_\name
    .type aside_\name, @function
aside_\name:
    enter model_\name
    call model_\name
    jmp rfn_aside_returned
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

#endif

    .section .note.GNU-stack, "", %progbits
