#ifndef RFN_HIDE_H
#define RFN_HIDE_H

/* A real core will hold of the window what rfn_visible shows and no more: it would be 32 GB of holes. */
void rfn_hide(void);

#endif
