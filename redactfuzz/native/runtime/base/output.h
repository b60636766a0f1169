/* Text that is written by system calls (os.h), kept until it is flushed or its buffer is full. */
#ifndef RFN_OUTPUT_H
#define RFN_OUTPUT_H

#include <stddef.h>

typedef struct rfn_output {
    int file;
    int failed;  /* some of it could not be written */
    size_t used, size;
    char *bytes; /* the buffer, wherever what passes through it may lie */
} rfn_output;

void rfn_put(rfn_output *to, const char *words);
void rfn_put_byte(rfn_output *to, char byte);
void rfn_print(rfn_output *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* -1: nobody listens any more. */
int rfn_flush(rfn_output *to);

#endif
