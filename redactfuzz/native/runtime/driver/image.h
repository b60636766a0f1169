/* The image of an execution, kept for one who compares it with another: byte for byte what is searched, but for memory of
 * libraries and of the driver, which differs for reasons of its own. */
#ifndef RFN_IMAGE_H
#define RFN_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "state/found.h"
#include "state/plan.h"

/* Nothing happens where the plan wants no image. */
void rfn_image_begin(void);
void rfn_image_keep(const uint8_t *bytes, size_t size, uint64_t address, rfn_where where, uint32_t thread,
                    const char *file);
void rfn_image_end(void);
/* The places that are asked for. */
void rfn_image_asked(void (*report)(const rfn_image_part *part, void *context), void *context);

#endif
