/* Beneath the models: what the program, or a library that it calls, really asks of the kernel changes no file outside of the folder
 * in which the driver works, and reaches no other process. A model that is missing is then a refusal, and no damage. */
#ifndef RFN_CONFINE_H
#define RFN_CONFINE_H

/* Before any code of the program runs, its constructors included; it cannot be undone, and children inherit it.
 * `cores`: a descriptor of a further folder, in which the kernel writes cores; 0: none. Gives what is held, as rfn_held bits. */
unsigned rfn_confine(int works_in_folder, int cores);
/* Back to the folder in which the driver was started: the program may have left it. */
void rfn_go_home(void);

#endif
