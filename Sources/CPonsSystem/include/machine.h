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

/*
 * Makes the threads of OpenMP sleep while they have nothing to do. By default they spin, and take the processors from the
 * threads of OpenBLAS, which are others: a network then takes half as long again. To be called before any thread is started,
 * and before a plugin loads OpenMP, which looks at the environment only then.
 */
void pons_system_rest_idle_threads(void);

/* Both, for every process that calls plugins: what is measured or checked in one is what the other does. */
void pons_system_prepare_process(void);

#endif
