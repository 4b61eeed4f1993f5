/*
 * What a worker may do, and what it uses.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PONS_SYSTEM_SANDBOX_H
#define PONS_SYSTEM_SANDBOX_H

/* Parts of the sandbox; bits. */
#define PONS_SANDBOX_FILES 1   /* Landlock: only the scratch folder can be written to */
#define PONS_SANDBOX_CALLS 2   /* seccomp: no sockets, no signals to others, no memory that is not counted, ... */
#define PONS_SANDBOX_NETWORK 4 /* a network namespace of its own, where seccomp is not there */

/*
 * Takes rights away from the calling process, for good and for all that it starts; to be called while it has one thread.
 * Answers which parts could be had.
 *
 * - Parameter scratch: the one folder that may be written to.
 * - Parameter runs_programs: it will become another program, so starting programs stays allowed.
 */
int pons_system_enter_sandbox(const char *scratch, int runs_programs);

/*
 * Makes the kernel kill the calling process when the process `parent` ends (its spawning thread must live as long as it
 * does). Answers 0, or -1 when it has ended already.
 */
int pons_system_die_with(int parent);

/* A descriptor for a child process, or -1 with errno. */
int pons_system_process_descriptor(int process);

/* Kills the process behind a descriptor, and with it everything in its process group. */
void pons_system_kill(int descriptor, int process);

/* Seconds of CPU time that a process has used, or -1. */
double pons_system_cpu_seconds(int process);

/* Whether a folder is a control group (version 2) that systemd handed over to whoever runs in it. */
int pons_system_is_delegated_group(const char *folder);

#endif
