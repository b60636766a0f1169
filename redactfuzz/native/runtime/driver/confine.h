/* Beneath the models: what the program, or a library that it calls, really asks of the kernel changes no file outside of the folder
 * given to the driver, and reaches no other process. A model that is missing is then a refusal, and no damage. */
#ifndef RFN_CONFINE_H
#define RFN_CONFINE_H

/* Before any code of the program runs, its constructors included; it cannot be undone, and children inherit it.
 * `folder`, `cores`: descriptors of what may be written into, where it dies and where the kernel writes cores; 0: none. Gives what
 * is held, as rfn_held bits. */
unsigned rfn_confine(int folder, int cores);
/* To the folder in which it dies, or back to that in which the driver was started: the program may have left it. */
void rfn_go_home(void);

#endif
