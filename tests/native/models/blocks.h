/* Included before each source of a driver that is built with -fsanitize-coverage=trace-pc: counts the basic blocks that run, and
 * tells their number on standard error when the driver ends.
 */
#ifndef __ASSEMBLER__
#define UNCOUNTED __attribute__((weak, no_sanitize_coverage))

int dprintf(int file, const char *format, ...);

__attribute__((weak)) unsigned long blocks_run;
__attribute__((weak)) int blocks_told;

void __sanitizer_cov_trace_pc(void);
UNCOUNTED void __sanitizer_cov_trace_pc(void) { blocks_run++; }

UNCOUNTED __attribute__((destructor)) void tell_blocks(void);
UNCOUNTED __attribute__((destructor)) void tell_blocks(void)
{
    if (!blocks_told++) dprintf(2, "%lu\n", blocks_run);
}
#endif
