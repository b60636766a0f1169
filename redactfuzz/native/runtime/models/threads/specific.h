/* Keys of pthread_key_create. */
#ifndef RFN_SPECIFIC_H
#define RFN_SPECIFIC_H

/* The current thread ends: destructors, up to four rounds. */
void rfn_keys_end(void);

#endif
