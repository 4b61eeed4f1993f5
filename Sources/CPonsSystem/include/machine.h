/*
 * Processors, threads and malloc.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SYSTEM_MACHINE_H
#define PONS_SYSTEM_MACHINE_H

/* Processors that this process may use: its affinity mask counts, not the machine. At least 1. */
int pons_system_processors(void);

/* Names the calling thread, for debuggers and `top -H`; at most 15 bytes are kept. */
void pons_system_name_thread(const char *name);

/*
 * Makes malloc keep large blocks instead of giving them back to the kernel at every free: touching fresh pages costs
 * more than most work on them. One arena, because others lose large blocks all the same. To be called before any thread
 * is started.
 */
void pons_system_keep_pages(void);

#endif
