/*
 * Layout of pons.h, checked while layout.c is compiled.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_LAYOUT_H
#define PONS_LAYOUT_H

#include <stdint.h>

/* How many structs layout.c pins. */
uint64_t pons_layout_checked_structs(void);

#endif
