/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "children.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

int pons_system_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int pons_system_spawn(int *process, const char *path, char *const arguments[], int answer) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  /* What this process blocks or ignores is no concern of the child. */
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGINT);
  sigaddset(&usual, SIGTERM);
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) return error;
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  /* Descriptor 3 first: `answer` may itself be one of 0 to 3. */
  if ((error = posix_spawn_file_actions_adddup2(&actions, answer, 3)) == 0 &&
      (error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
      (error = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)) == 0 &&
      (error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)) == 0 &&
      (error = posix_spawn_file_actions_addclosefrom_np(&actions, 4)) == 0 &&
      (error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                         POSIX_SPAWN_SETSIGDEF)) == 0 &&
      (error = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
      (error = posix_spawnattr_setsigdefault(&attributes, &usual)) == 0 &&
      (error = posix_spawnattr_setpgroup(&attributes, 0)) == 0) {
    pid_t started = 0;
    error = posix_spawn(&started, path, &actions, &attributes, arguments, environ);
    *process = started;
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int pons_system_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

void pons_system_begin_worker(void) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}
