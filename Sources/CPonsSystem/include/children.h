/*
 * Starting a child process, and how a child begins.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SYSTEM_CHILDREN_H
#define PONS_SYSTEM_CHILDREN_H

/* pipe2(ends, O_CLOEXEC). */
int pons_system_pipe(int ends[2]);

/*
 * posix_spawn in a process group of its own, with /dev/null as descriptors 0 to 2, `answer` as descriptor 3, and
 * every other descriptor closed. Answers 0 or an errno.
 */
int pons_system_spawn(int *process, const char *path, char *const arguments[], int answer);

/*
 * For the beginning of a child: no core files are written (they may hold patient data), and the kernel kills the process
 * when the thread that started it ends, so that a plugin that hangs does not outlive an interrupted run.
 */
void pons_system_begin_worker(void);

/* memfd_create with MFD_CLOEXEC. */
int pons_system_memory_file(const char *name);

#endif
