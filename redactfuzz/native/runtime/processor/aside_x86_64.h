/* For assembly alone: how a model gets onto its stack and back. See aside.h. Offsets are those of rfn_fiber. */
#define OWN 2280
#define OUTSIDE 2288
#define FRAME 64 /* below OWN: rbx rbp r12 r13 r14 r15, and room that keeps it aligned */

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
