/* Extension modules and libraries that the scenario loads are seen to as they come. */
#ifndef RFH_LOADING_H
#define RFH_LOADING_H

int rfh_loading_install(void);
void rfh_loading_remove(void);

#endif
