/* The stack that models run on, see aside.h. */
#if defined(__x86_64__) && !defined(RFN_PORTABLE)

#include "processor/aside_x86_64.h"

/* Models return into this section: to rfn_aside, or to the list of those that run aside (driver/asides_x86_64.S). */
    .section rfn_models_aside, "ax", @progbits

    .globl rfn_aside_returned
    .hidden rfn_aside_returned
rfn_aside_returned:
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
    jmp rfn_aside_returned
1:  jmp *%r11
    .size rfn_aside, . - rfn_aside

    .text

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
