/*
 * Memory that two processes share, and handing it over.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SYSTEM_SHARING_H
#define PONS_SYSTEM_SHARING_H

#include <stdint.h>

/*
 * A memory file of `size` bytes whose size never changes any more (sealed SHRINK and GROW). Answers a descriptor, or -1
 * with errno.
 */
int pons_system_shared_memory(uint64_t size);

/*
 * From now on nobody can map the file for writing or write to it; maps that exist stay as they are. For memory that the
 * host writes and lends. Answers 0, or -1 with errno.
 */
int pons_system_seal_future_writes(int file);

/*
 * Nobody can write the file any more. Answers 0, or -1 with errno: EBUSY when somebody has it mapped for writing.
 */
int pons_system_seal_writes(int file);

/* A pair of connected stream sockets, closed on exec. */
int pons_system_socket_pair(int ends[2]);

/*
 * Sends bytes, and with them one descriptor when `file` is not negative; does not block when the socket is full, and
 * raises no signal. Answers how many bytes were sent, or -1 with errno. The descriptor went when at least one byte did.
 */
long pons_system_send(int socket, const void *bytes, unsigned long count, int file);

/*
 * Receives bytes that are there; does not block. Descriptors that come with them are put into `files` (closed on exec), at
 * most `capacity`; *count says how many came. Answers how many bytes came, 0 at the end, or -1 with errno.
 */
long pons_system_receive(int socket, void *bytes, unsigned long size, int *files, int capacity,
                         int *count);

#endif
