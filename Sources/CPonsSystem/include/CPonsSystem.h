/*
 * The few system calls that Swift's Glibc module does not show (they are GNU extensions, macros, or signal handlers).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SYSTEM_H
#define PONS_SYSTEM_H

#include "children.h"
#include "machine.h"
#include "sandbox.h"
#include "sealed.h"
#include "sharing.h"
#include "traps.h"

#endif
