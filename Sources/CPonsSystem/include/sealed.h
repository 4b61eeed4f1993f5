/*
 * Files that nobody can change any more.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SYSTEM_SEALED_H
#define PONS_SYSTEM_SEALED_H

/*
 * Copies everything that can be read from `file` into memory that no process can change any more (a memfd with all seals),
 * and answers its descriptor, or -1 with errno. Whoever hashes it and loads it from /proc/self/fd has hashed what was loaded.
 */
int pons_system_sealed_copy(int file, const char *name);

#endif
