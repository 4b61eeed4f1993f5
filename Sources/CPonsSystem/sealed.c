/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

int pons_system_sealed_copy(int file, const char *name) {
  int memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return -1;
  for (;;) {
    ssize_t count = sendfile(memory, file, NULL, 1 << 26);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) break;
    if (count < 0) goto failed;
  }
  if (fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0) {
    return memory;
  }
failed: {
  const int error = errno;
  close(memory);
  errno = error;
  return -1;
}
}
