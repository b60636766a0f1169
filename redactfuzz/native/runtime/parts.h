/* What the driver alone calls of the parts that have no header for the program's models. */
#ifndef RFN_PARTS_H
#define RFN_PARTS_H

int rfn_fibers_init(void);
void rfn_fibers_reset(void);
void rfn_points_reset(void);

#endif
