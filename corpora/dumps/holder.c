/* Reads 48 bytes from standard input and is killed with them in memory (argument "m") or in vector registers only
 * (argument "r"). Made without a C library, so that its core is small and holds nothing but its own memory. x86-64.
 * System calls: read 0, kill 62, getpid 39 (arch/x86/entry/syscalls/syscall_64.tbl). */

enum { SIZE = 48, SYS_READ = 0, SYS_GETPID = 39, SYS_KILL = 62, SIGNAL_SEGV = 11 };

static volatile char held_key[SIZE] __attribute__((aligned(16)));

static long call(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

__attribute__((used)) static void run(long const *stack)
{
	char const *const *arguments = (char const *const *)(stack + 1);
	call(SYS_READ, 0, (long)held_key, SIZE);
	long const self = call(SYS_GETPID, 0, 0, 0);
	if (stack[0] > 1 && arguments[1][0] == 'r') {
		__asm__ volatile("movaps (%0), %%xmm5\n\tmovaps 16(%0), %%xmm6\n\tmovaps 32(%0), %%xmm7" ::"r"(held_key)
		                 : "xmm5", "xmm6", "xmm7", "memory");
		for (int i = 0; i < SIZE; i++)
			held_key[i] = 0;
	}
	call(SYS_KILL, self, SIGNAL_SEGV, 0);
	for (;;) {
	}
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
