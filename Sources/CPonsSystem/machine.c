/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "machine.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pons_system_processors(void) {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    int count = CPU_COUNT(&mask);
    return count > 0 ? count : 1;
  }
  /* More processors than the mask holds: the machine's number is the best that is known. */
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

void pons_system_name_thread(const char *name) {
  char kept[16] = {0};
  strncpy(kept, name, sizeof kept - 1);
  pthread_setname_np(pthread_self(), kept);
}

void pons_system_keep_pages(void) {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_ARENA_MAX, 1);
}

void pons_system_rest_idle_threads(void) {
  /* What somebody has chosen stays. */
  setenv("OMP_WAIT_POLICY", "passive", 0);
  /* OpenBLAS has threads of its own beside those of OpenMP; they take a processor from them while they wait for the next product. A power
     of two of clock ticks: 2^18 is a tenth of a millisecond, 2^26 what it is otherwise. */
  setenv("OPENBLAS_THREAD_TIMEOUT", "18", 0);
}

void pons_system_prepare_process(void) {
  pons_system_keep_pages();
  pons_system_rest_idle_threads();
}
