/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "traps.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define MAXIMUM_RANGES 256
static struct {
  uintptr_t start;
  uintptr_t end;
} ranges[MAXIMUM_RANGES];
static int range_count;
static const char *watch_answer;

static void trapped(int signal, siginfo_t *info, void *context) {
  (void)context;
  const uintptr_t place = (uintptr_t)info->si_addr;
  for (int i = 0; i < range_count; i++) {
    if (place >= ranges[i].start && place < ranges[i].end) {
      const ssize_t written = write(3, watch_answer, strlen(watch_answer));
      _exit(written < 0 ? 1 : 0);
    }
  }
  /* Not ours: the instruction runs again and does what it would have done. */
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, NULL);
}

void pons_system_watch(const void *start, unsigned long size, const char *answer) {
  if (range_count == MAXIMUM_RANGES) return;
  watch_answer = answer;
  ranges[range_count].start = (uintptr_t)start;
  ranges[range_count].end = (uintptr_t)start + size;
  range_count++;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = trapped;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}
