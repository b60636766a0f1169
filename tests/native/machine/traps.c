/* A breakpoint at each instruction of a function that has one of every kind that depends on where it lies: the thread that is
 * let pass does what it does without. Prints the number of instructions; exit status 0: all was the same.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "processor/machine.h"
#include "state/run.h"

/* An instruction, and its address among the points. */
#define I(text) "661: " text "\n.pushsection points, \"aw\"\n.quad 661b\n.popsection\n"

extern uint8_t *__start_points[], *__stop_points[];
long probe(long value);

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl probe\nprobe:\n"
        I("push %rbx") I("xor %eax, %eax") I("movzbl %dil, %ebx")
        "1: " I("test %rbx, %rbx") I("jle 2f") I("add numbers(%rip), %rax") I("dec %rbx") I("jmp 1b")
        "2: " I("lea leaf(%rip), %rcx") I("call *%rcx") I("call leaf")
        I("lea 3f(%rip), %rcx") I("jmp *%rcx") "ud2\n"
        "3: " I("pop %rbx") I("ret")
        "leaf: " I("add $5, %rax") I("ret")
        ".balign 8\nnumbers: .quad 77\n");
#elif defined(__aarch64__)
#define CONDITION(name, number) I("cmp x0, #2") I("b." #name " 2f") I("add x9, x9, #" #number) "2: "
__asm__(".text\n.balign 16\n"
        ".globl probe\nprobe:\n"
        I("stp x29, x30, [sp, #-16]!") I("mov x9, #0") I("mov x12, x0")
        I("adr x10, numbers") I("ldr x11, [x10]") I("add x9, x9, x11")
        I("adrp x10, numbers") I("ldr x11, [x10, :lo12:numbers]") I("add x9, x9, x11")
        I("ldr x11, numbers") I("add x9, x9, x11") I("ldr w11, numbers + 4") I("add x9, x9, x11")
        I("ldrsw x11, numbers + 8") I("add x9, x9, x11") I("ldrsw x11, numbers") I("add x9, x9, x11")
        I("ldr q0, numbers") I("umov x11, v0.d[1]") I("add x9, x9, x11") I("umov x11, v0.d[0]") I("add x9, x9, x11")
        I("ldr d0, numbers") I("umov x11, v0.d[1]") I("add x9, x9, x11") I("umov x11, v0.d[0]") I("add x9, x9, x11")
        I("ldr s0, numbers") I("umov x11, v0.d[0]") I("add x9, x9, x11") I("prfm pldl1keep, numbers")
        "1: " I("tbnz x0, #40, 2f") I("add x9, x9, #1") "2: " I("tbz w0, #1, 2f") I("add x9, x9, #2")
        "2: " I("cbz w0, 2f") I("add x9, x9, #4") "2: " I("cbnz x0, 2f") I("add x9, x9, #8")
        "2: " I("cbz x12, 2f") I("mov x12, #0") I("b 1b") "2: "
        CONDITION(eq, 1) CONDITION(ne, 3) CONDITION(hs, 9) CONDITION(lo, 27) CONDITION(mi, 81) CONDITION(pl, 243)
        CONDITION(vs, 729) CONDITION(vc, 2187) CONDITION(hi, 5) CONDITION(ls, 25) CONDITION(ge, 125) CONDITION(lt, 625)
        CONDITION(gt, 7) CONDITION(le, 49) I("b.al 2f") "brk #1\n2: "
        I("adr x10, leaf") I("blr x10") I("bl leaf") I("adr x10, 3f") I("br x10") "brk #1\n"
        "3: " I("mov x0, x9") I("ldp x29, x30, [sp], #16") I("ret")
        "leaf: " I("add x9, x9, x30") I("adr x11, leaf") I("sub x9, x9, x11") I("ret")
        ".balign 16\nnumbers: .quad 0x80000001f0000003, 0x1122334490abcdef\n");
#endif

static const long values[] = {0, 1, 2, 3, 7, -1, 1L << 40, 1L << 31, (1L << 32) + 2, -0x7fffffffffffffffL - 1};
enum { VALUES = sizeof values / sizeof *values };

static volatile unsigned met;

static void trapped(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    if (rfn_trap_met(context)) {
        met++;
        rfn_trap_pass(context);
    }
}

_Noreturn void rfn_internal(const char *what, ...)
{
    fprintf(stderr, "%s\n", what);
    exit(2);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
    long wanted[VALUES];
    sigaction(SIGTRAP, &action, NULL);
    for (int i = 0; i < VALUES; i++) {
        wanted[i] = probe(values[i]);
    }
    for (uint8_t **point = __start_points; point < __stop_points; point++) {
        met = 0;
        rfn_trap_set(*point);
        for (int i = 0; i < VALUES; i++) {
            long found = probe(values[i]);
            if (found != wanted[i]) {
                fprintf(stderr, "instruction %td, value %ld: %ld instead of %ld\n", point - __start_points, values[i], found,
                        wanted[i]);
                return 1;
            }
        }
        rfn_trap_clear();
        if (met == 0) {
            fprintf(stderr, "instruction %td was never met\n", point - __start_points);
            return 1;
        }
        if (point == __start_points && met != VALUES) {
            fprintf(stderr, "%u passes of %d\n", met, (int)VALUES);
            return 1;
        }
    }
    printf("%td\n", __stop_points - __start_points);
    return 0;
}
