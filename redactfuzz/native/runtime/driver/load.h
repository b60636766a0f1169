/* Loads the program: a shared object with its main. */
#ifndef RFN_LOAD_H
#define RFN_LOAD_H

/* 0: loaded. Else the loader's words are in `why`. */
int rfn_load(const char *path, char *why, unsigned size);

#endif
