/* What the driver calls of the parts that have no header for the program's models. */
#ifndef RFN_PARTS_H
#define RFN_PARTS_H

int rfn_fibers_init(void);
void rfn_fibers_reset(void);
/* Nobody goes back to frames of ours on the program's stacks: AddressSanitizer, where the driver was built with it, forgets
 * what it marked there. */
void rfn_frames_left(void);
void rfn_points_reset(void);
/* Notes a problem when this process has threads beside ours. */
void rfn_alone(void);

#endif
