/* Code under test that ends the process: os._exit, os.abort, os.exec*. */
#ifndef RFH_DEATH_H
#define RFH_DEATH_H

int rfh_death_install(void);
void rfh_death_remove(void);

#endif
