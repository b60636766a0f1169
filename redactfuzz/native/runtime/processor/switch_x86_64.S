/* Switches for x86-64, System V ABI; see fiber.h. Offsets are those of rfn_context. */
#if defined(__x86_64__) && !defined(RFN_PORTABLE)

#define SP 0
#define RBX 8
#define RBP 16
#define R12 24
#define R13 32
#define R14 40
#define R15 48
#define VECTORS 128
#define MASKS (VECTORS + 64 * 32)
#define LOW 2256 /* of rfn_fiber; before it its base */
#define THREAD_OF_THIS_PROCESS 0x50f00 /* CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM */

    .text

/* The fiber in rax stands where its program called us. On to the runtime's stack: nothing below its own is touched. */
    .macro save
    movq %rsp, SP(%rax)
    movq rfn_runtime_stack(%rip), %rsp
    movq %rbx, RBX(%rax)
    movq %rbp, RBP(%rax)
    movq %r12, R12(%rax)
    movq %r13, R13(%rax)
    movq %r14, R14(%rax)
    movq %r15, R15(%rax)
    cmpb $0, rfn_keep_vectors(%rip)
    je 90f
    call save_vectors
90:
    .endm

save_vectors: /* into rax; changes nothing else */
    cmpb $0, rfn_has_avx512(%rip)
    jne 1f
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    vmovups %ymm\n, (VECTORS + 64 * \n)(%rax)
    .endr
    ret
1:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmovups %zmm\n, (VECTORS + 64 * \n)(%rax)
    .endr
    cmpb $0, rfn_has_avx512bw(%rip)
    jne 2f
    .irp n, 0,1,2,3,4,5,6,7
    kmovw %k\n, (MASKS + 8 * \n)(%rax)
    .endr
    ret
2:  .irp n, 0,1,2,3,4,5,6,7
    kmovq %k\n, (MASKS + 8 * \n)(%rax)
    .endr
    ret

    .macro vectors_from register
    cmpb $0, rfn_has_avx512(%rip)
    jne 91f
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    vmovups (VECTORS + 64 * \n)(\register), %ymm\n
    .endr
    jmp 92f
91: .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmovups (VECTORS + 64 * \n)(\register), %zmm\n
    .endr
    cmpb $0, rfn_has_avx512bw(%rip)
    jne 93f
    .irp n, 0,1,2,3,4,5,6,7
    kmovw (MASKS + 8 * \n)(\register), %k\n
    .endr
    jmp 92f
93: .irp n, 0,1,2,3,4,5,6,7
    kmovq (MASKS + 8 * \n)(\register), %k\n
    .endr
92:
    .endm

load_vectors:
    vectors_from %rax
    ret

/* What the driver left in vector registers (secrets, when it planted or searched) is not the program's. */
    .macro no_vectors
    cmpb $0, rfn_has_avx(%rip)
    je 91f
    vzeroall
91: cmpb $0, rfn_has_avx512(%rip)
    je 92f
    .irp n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vpxorq %zmm\n, %zmm\n, %zmm\n
    .endr
    cmpb $0, rfn_has_avx512bw(%rip)
    jne 93f
    .irp n, 0,1,2,3,4,5,6,7
    kxorw %k\n, %k\n, %k\n
    .endr
    jmp 92f
93: .irp n, 0,1,2,3,4,5,6,7
    kxorq %k\n, %k\n, %k\n
    .endr
92:
    .endm

/* Registers that a function keeps. */
    .macro kept_from register
    movq RBX(\register), %rbx
    movq RBP(\register), %rbp
    movq R12(\register), %r12
    movq R13(\register), %r13
    movq R14(\register), %r14
    movq R15(\register), %r15
    .endm

/* void rfn_leave(rfn_fiber *(*decide)(void *), void *argument) */
    .globl rfn_leave
    .type rfn_leave, @function
rfn_leave:
    movq rfn_current(%rip), %rax
    save
    movq %rdi, %rdx
    movq %rsi, %rdi
    call *%rdx
/* rax: who goes on; NULL is the driver. */
go_on:
    movq %rax, rfn_current(%rip)
    testq %rax, %rax
    jnz 1f
    leaq rfn_driver_context(%rip), %rax
    jmp 2f
1:  cmpb $0, rfn_keep_vectors(%rip)
    je 2f
    call load_vectors
2:  kept_from %rax
    movq SP(%rax), %rsp
    ret
    .size rfn_leave, . - rfn_leave

/* void rfn_enter(rfn_fiber *fiber) */
    .globl rfn_enter
    .type rfn_enter, @function
rfn_enter:
    leaq rfn_driver_context(%rip), %rax
    movq %rsp, SP(%rax)
    movq %rbx, RBX(%rax)
    movq %rbp, RBP(%rax)
    movq %r12, R12(%rax)
    movq %r13, R13(%rax)
    movq %r14, R14(%rax)
    movq %r15, R15(%rax)
    movq %rdi, %rax
    movq rfn_runtime_stack(%rip), %rsp /* load_vectors needs one */
    no_vectors
    jmp go_on
    .size rfn_enter, . - rfn_enter

/* What instrumented code calls: rdi is the address, esi what is done there. Nothing of ours runs on the program's stack. */
    .globl rfn_hook
    .type rfn_hook, @function
rfn_hook:
    movq rfn_current(%rip), %rax
    testq %rax, %rax
    jz 3f /* a constructor, before there are threads */
    movq (%rsp), %rdx
    save
    call *rfn_on_access(%rip)
    jmp go_on
3:  ret
    .size rfn_hook, . - rfn_hook

/* void __tsan_func_entry(void *): how deep the stack goes, and no other one on which a handler may run. */
    .globl __tsan_func_entry
    .type __tsan_func_entry, @function
__tsan_func_entry:
    movq rfn_current(%rip), %rax
    testq %rax, %rax
    jz 4f
    cmpq %rsp, LOW(%rax)
    jbe 4f
    cmpq %rsp, (LOW - 8)(%rax)
    ja 4f
    movq %rsp, LOW(%rax)
4:  ret
    .size __tsan_func_entry, . - __tsan_func_entry

    .globl __tsan_func_exit
    .type __tsan_func_exit, @function
__tsan_func_exit:
    ret
    .size __tsan_func_exit, . - __tsan_func_exit

/* Where a new thread starts: `ret` comes here with an aligned stack. */
    .globl rfn_fiber_begin
    .type rfn_fiber_begin, @function
rfn_fiber_begin:
    subq $8, %rsp /* a call leaves the stack aligned to 16 bytes */
    call *rfn_on_begin(%rip)
    ud2
    .size rfn_fiber_begin, . - rfn_fiber_begin

/* Where a signal handler starts: rbx handler, r12 signal, r13 siginfo, r14 ucontext; all are put back from the frame. */
    .globl rfn_handler_begin
    .type rfn_handler_begin, @function
rfn_handler_begin:
    movl %r12d, %edi
    movq %r13, %rsi
    movq %r14, %rdx
    call *%rbx
    movq %r14, %rsi
    movq rfn_on_handler_returned(%rip), %rdi
    call rfn_leave
    ud2
    .size rfn_handler_begin, . - rfn_handler_begin

/* Where a thread really raises a signal: rbx process, r12 thread, r13 signal, r14 the argument of what comes after. */
    .globl rfn_raise_begin
    .type rfn_raise_begin, @function
rfn_raise_begin:
    movl $234, %eax /* tgkill */
    movq %rbx, %rdi
    movq %r12, %rsi
    movq %r13, %rdx
    movq RBX(%r14), %rbx
    movq RBP(%r14), %rbp
    movq R12(%r14), %r12
    movq R13(%r14), %r13
    movq R15(%r14), %r15
    movq R14(%r14), %r14
    syscall
    movq rfn_on_raise_returned(%rip), %rdi
    xorl %esi, %esi
    call rfn_leave
    ud2
    .size rfn_raise_begin, . - rfn_raise_begin

/* long rfn_stand_in(const rfn_fiber *fiber). The new thread writes nothing below its stack pointer, for a core holds that. To
 * who unwinds it, it stands where the fiber does, at a return address.
 */
    .globl rfn_stand_in
    .type rfn_stand_in, @function
rfn_stand_in:
    .cfi_startproc
    movq %rdi, %r9
    movl $THREAD_OF_THIS_PROCESS, %edi
    movq SP(%r9), %rsi
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    movl $56, %eax /* clone */
    syscall
    testq %rax, %rax
    jz 1f
    ret
1:  no_vectors
    cmpb $0, rfn_keep_vectors(%rip)
    je 2f
    vectors_from %r9
2:  kept_from %r9
    lock incl rfn_standing_in(%rip)
3:  movl $34, %eax /* pause */
    syscall
    jmp 3b
    .cfi_endproc
    .size rfn_stand_in, . - rfn_stand_in

/* The hooks: address in rdi, what is done in esi: kind << 16 | size. 1 is RF_READ, 2 RF_WRITE. */
    .macro hook name, code
    .globl \name
    .type \name, @function
\name:
    movl $\code, %esi
    jmp rfn_hook
    .size \name, . - \name
    .endm

    .irp size, 1,2,4,8,16
    hook __tsan_read\size, (1 << 16 | \size)
    hook __tsan_write\size, (2 << 16 | \size)
    hook __tsan_unaligned_read\size, (1 << 16 | \size)
    hook __tsan_unaligned_write\size, (2 << 16 | \size)
    hook __tsan_volatile_read\size, (1 << 16 | \size)
    hook __tsan_volatile_write\size, (2 << 16 | \size)
    hook __tsan_unaligned_volatile_read\size, (1 << 16 | \size)
    hook __tsan_unaligned_volatile_write\size, (2 << 16 | \size)
    hook __tsan_read_write\size, (2 << 16 | \size)
    hook __tsan_unaligned_read_write\size, (2 << 16 | \size)
    .endr
    hook __tsan_vptr_read, (1 << 16 | 8)
    hook __tsan_vptr_update, (2 << 16 | 8)

/* Ranges: the size, in rsi, goes into the code. */
    .macro range name, kind
    .globl \name
    .type \name, @function
\name:
    movl $0xffff, %eax
    cmpq %rax, %rsi
    cmovaq %rax, %rsi
    orl $(\kind << 16), %esi
    jmp rfn_hook
    .size \name, . - \name
    .endm
    range __tsan_read_range, 1
    range __tsan_write_range, 2

    .globl __tsan_init
__tsan_init:
    ret

#endif

    .section .note.GNU-stack, "", %progbits
