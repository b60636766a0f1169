/* Switches for aarch64, AAPCS64; see fiber.h. Offsets are those of rfn_context. Whoever calls us expects nothing of x9-x12
 * afterwards, so they are ours.
 */
#if defined(__aarch64__) && !defined(RFN_PORTABLE)

#define SP 0
#define KEPT 8 /* x19-x30 */
#define VECTORS 128
#define LOW 656 /* of rfn_fiber; before it its base */
#define THREAD_OF_THIS_PROCESS 0x50f00 /* CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM */

    .text

    .macro function name
    .globl \name
    .type \name, %function
    .p2align 4
\name:
    .endm

    .macro ends name
    .size \name, . - \name
    .endm

/* An address of ours: the driver is one object, so no table is asked. */
    .macro address register, name
    adrp \register, \name
    add \register, \register, :lo12:\name
    .endm

    .macro value register, name
    adrp \register, \name
    ldr \register, [\register, :lo12:\name]
    .endm

/* Registers that a function keeps, to or from the context at x9. */
    .macro general op
    \op x19, x20, [x9, #KEPT]
    \op x21, x22, [x9, #KEPT + 16]
    \op x23, x24, [x9, #KEPT + 32]
    \op x25, x26, [x9, #KEPT + 48]
    \op x27, x28, [x9, #KEPT + 64]
    \op x29, x30, [x9, #KEPT + 80]
    .endm

    .macro halves op /* the low halves of v8-v15 */
    .irp n, 8,9,10,11,12,13,14,15
    \op d\n, [x9, #(VECTORS + 16 * \n)]
    .endr
    .endm

    .macro all_vectors op
    add x10, x9, #VECTORS
    \op q0, q1, [x10, #0]
    \op q2, q3, [x10, #32]
    \op q4, q5, [x10, #64]
    \op q6, q7, [x10, #96]
    \op q8, q9, [x10, #128]
    \op q10, q11, [x10, #160]
    \op q12, q13, [x10, #192]
    \op q14, q15, [x10, #224]
    \op q16, q17, [x10, #256]
    \op q18, q19, [x10, #288]
    \op q20, q21, [x10, #320]
    \op q22, q23, [x10, #352]
    \op q24, q25, [x10, #384]
    \op q26, q27, [x10, #416]
    \op q28, q29, [x10, #448]
    \op q30, q31, [x10, #480]
    .endm

/* The fiber in x9 stands where its program called us. */
    .macro save
    mov x10, sp
    str x10, [x9, #SP]
    general stp
    adrp x11, rfn_keep_vectors
    ldrb w11, [x11, :lo12:rfn_keep_vectors]
    cbnz w11, 90f
    halves str
    b 91f
90: all_vectors stp
91:
    .endm

/* void rfn_leave(rfn_fiber *(*decide)(void *), void *argument) */
    function rfn_leave
    value x9, rfn_current
    save
    mov x12, x0
    mov x0, x1
    value x10, rfn_runtime_stack
    mov sp, x10
    blr x12
/* x0: who goes on; NULL is the driver. */
go_on:
    adrp x10, rfn_current
    str x0, [x10, :lo12:rfn_current]
    mov x9, x0
    cbz x0, 1f
    adrp x11, rfn_keep_vectors
    ldrb w11, [x11, :lo12:rfn_keep_vectors]
    cbz w11, 2f
    all_vectors ldp
    b 3f
1:  address x9, rfn_driver_context
2:  halves ldr
3:  general ldp
    ldr x10, [x9, #SP]
    mov sp, x10
    ret
    ends rfn_leave

/* void rfn_enter(rfn_fiber *fiber) */
    function rfn_enter
    address x9, rfn_driver_context
    mov x10, sp
    str x10, [x9, #SP]
    general stp
    halves str
    /* What the driver left in vector registers (secrets, when it planted or searched) is not the program's. */
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    movi v\n\().2d, #0
    .endr
    b go_on
    ends rfn_enter

/* What instrumented code calls: x0 is the address, w1 what is done there. Nothing of ours runs on the program's stack. */
    function rfn_hook
    value x9, rfn_current
    cbz x9, 1f /* a constructor, before there are threads */
    save
    mov x2, x30
    value x10, rfn_runtime_stack
    mov sp, x10
    value x10, rfn_on_access
    blr x10
    b go_on
1:  ret
    ends rfn_hook

/* void __tsan_func_entry(void *): how deep the stack goes, and no other one on which a handler may run. */
    function __tsan_func_entry
    value x9, rfn_current
    cbz x9, 1f
    mov x10, sp
    ldr x11, [x9, #LOW]
    cmp x11, x10
    b.ls 1f
    ldr x11, [x9, #(LOW - 8)]
    cmp x11, x10
    b.hi 1f
    str x10, [x9, #LOW]
1:  ret
    ends __tsan_func_entry

    function __tsan_func_exit
    ret
    ends __tsan_func_exit

/* Where a new thread starts: `ret` comes here with an aligned stack, and nobody called. */
    function rfn_fiber_begin
    mov x29, #0
    mov x30, #0
    value x9, rfn_on_begin
    blr x9
    brk #1
    ends rfn_fiber_begin

/* Where a signal handler starts: x19 handler, x20 signal, x21 siginfo, x22 ucontext; all are put back from the frame. */
    function rfn_handler_begin
    mov w0, w20
    mov x1, x21
    mov x2, x22
    blr x19
    mov x1, x22
    value x0, rfn_on_handler_returned
    bl rfn_leave
    brk #1
    ends rfn_handler_begin

/* Where a thread really raises a signal: x19 process, x20 thread, x21 signal, x22 the context in which it stood. */
    function rfn_raise_begin
    mov x8, #131 /* tgkill */
    mov x0, x19
    mov x1, x20
    mov x2, x21
    mov x9, x22
    general ldp
    svc #0
    value x0, rfn_on_raise_returned
    mov x1, #0
    bl rfn_leave
    brk #1
    ends rfn_raise_begin

/* long rfn_stand_in(const rfn_fiber *fiber). The new thread writes nothing below its stack pointer, for a core holds that. To
 * who unwinds it, it stands where the fiber does, at a return address.
 */
    function rfn_stand_in
    .cfi_startproc
    mov x9, x0
    mov w0, #(THREAD_OF_THIS_PROCESS & 0xffff)
    movk w0, #(THREAD_OF_THIS_PROCESS >> 16), lsl #16
    ldr x1, [x9, #SP]
    mov x2, #0
    mov x3, #0
    mov x4, #0
    mov x8, #220 /* clone */
    svc #0
    cbz x0, 1f
    ret
1:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    movi v\n\().2d, #0
    .endr
    adrp x11, rfn_keep_vectors
    ldrb w11, [x11, :lo12:rfn_keep_vectors]
    cbnz w11, 2f
    halves ldr
    b 3f
2:  all_vectors ldp
3:  general ldp
    address x10, rfn_standing_in
4:  ldaxr w11, [x10]
    add w11, w11, #1
    stlxr w12, w11, [x10]
    cbnz w12, 4b
5:  mov x0, #0
    mov x1, #0
    mov x2, #0
    mov x3, #0
    mov x4, #0
    mov x8, #73 /* ppoll: of nothing, without a limit */
    svc #0
    b 5b
    .cfi_endproc
    ends rfn_stand_in

/* The hooks: address in x0, what is done in w1: kind << 16 | size. 1 is RF_READ, 2 RF_WRITE. */
    .macro hook name, kind, size
    function \name
    mov w1, #\size
    movk w1, #\kind, lsl #16
    b rfn_hook
    ends \name
    .endm

    .irp size, 1,2,4,8,16
    hook __tsan_read\size, 1, \size
    hook __tsan_write\size, 2, \size
    hook __tsan_unaligned_read\size, 1, \size
    hook __tsan_unaligned_write\size, 2, \size
    hook __tsan_volatile_read\size, 1, \size
    hook __tsan_volatile_write\size, 2, \size
    hook __tsan_unaligned_volatile_read\size, 1, \size
    hook __tsan_unaligned_volatile_write\size, 2, \size
    hook __tsan_read_write\size, 2, \size
    hook __tsan_unaligned_read_write\size, 2, \size
    .endr
    hook __tsan_vptr_read, 1, 8
    hook __tsan_vptr_update, 2, 8

/* Ranges: the size, in x1, goes into the code. */
    .macro range name, kind
    function \name
    mov x9, #0xffff
    cmp x1, x9
    csel x1, x1, x9, lo
    movk w1, #\kind, lsl #16
    b rfn_hook
    ends \name
    .endm
    range __tsan_read_range, 1
    range __tsan_write_range, 2

    function __tsan_init
    ret
    ends __tsan_init

#endif

    .section .note.GNU-stack, "", %progbits
