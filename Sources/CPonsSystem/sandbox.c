/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* Landlock: the headers of Debian 12 know its first version only, the kernel may know more. */
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT_SELF 446
#define WRITE_FILE (1ull << 1)
#define REMOVE_AND_MAKE (0x1ffull << 4) /* remove folder and file; make char, dir, reg, sock, fifo, block, symlink */
#define REFER (1ull << 13)
#define TRUNCATE (1ull << 14)
#define SCOPE_SOCKETS_AND_SIGNALS 3ull

struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scoped;
};

struct beneath {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

static int allow(int rules, const char *path, uint64_t rights) {
  struct beneath rule = {rights, open(path, O_PATH | O_CLOEXEC)};
  if (rule.parent < 0) return -1;
  int answer = (int)syscall(LANDLOCK_ADD_RULE, rules, 1, &rule, 0);
  close(rule.parent);
  return answer;
}

static int restrict_files(const char *scratch) {
  const int version = (int)syscall(LANDLOCK_CREATE_RULESET, NULL, 0, 1);
  if (version < 1) return 0;
  struct ruleset attributes = {WRITE_FILE | REMOVE_AND_MAKE, 0, 0};
  if (version >= 2) attributes.files |= REFER;
  if (version >= 3) attributes.files |= TRUNCATE;
  if (version >= 6) attributes.scoped = SCOPE_SOCKETS_AND_SIGNALS;
  const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const int rules = (int)syscall(LANDLOCK_CREATE_RULESET, &attributes, size, 0);
  if (rules < 0) return 0;
  int ok = allow(rules, scratch, attributes.files) == 0;
  allow(rules, "/dev/null", WRITE_FILE | (attributes.files & TRUNCATE));
  ok = ok && syscall(LANDLOCK_RESTRICT_SELF, rules, 0) == 0;
  close(rules);
  return ok;
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* Calls that a stage has no use for. Signals to others, and lifting of limits, are looked at more closely below. */
static const int refused[] = {
    SYS_socket, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_memfd_create, SYS_shmget,
    SYS_setsid, SYS_setpgid, SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_chroot,
    SYS_pivot_root, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setrlimit,
    425 /* io_uring_setup */, 424 /* pidfd_send_signal */, 438 /* pidfd_getfd */,
    447 /* memfd_secret */,
};
static const int programs[] = {SYS_execve, SYS_execveat};

#define MAXIMUM_STEPS 200
struct program {
  struct sock_filter steps[MAXIMUM_STEPS];
  unsigned short count;
};

static void add(struct program *program, uint16_t code, uint8_t yes, uint8_t no, uint32_t value) {
  program->steps[program->count++] = (struct sock_filter){code, yes, no, value};
}

static void load(struct program *program, size_t offset) {
  add(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void answer(struct program *program, uint32_t value) {
  add(program, BPF_RET | BPF_K, 0, 0, value);
}

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define ARGUMENT(n) offsetof(struct seccomp_data, args[n])

static void refuse(struct program *program, const int *calls, size_t count) {
  for (size_t i = 0; i < count; i++) {
    add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)calls[i]);
    answer(program, REFUSE);
  }
}

/* Refuses a call unless its first argument is `value` (or is, when `unless` is 0). The number of the call is loaded before and
   after. */
static void refuse_first(struct program *program, int call, uint32_t value, int unless) {
  add(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)call);
  load(program, ARGUMENT(0));
  add(program, BPF_JMP | BPF_JEQ | BPF_K, unless ? 1 : 0, unless ? 0 : 1, value);
  answer(program, REFUSE);
  load(program, offsetof(struct seccomp_data, nr));
}

static int restrict_calls(int runs_programs) {
#ifdef ARCHITECTURE
  struct program program = {.count = 0};
  load(&program, offsetof(struct seccomp_data, arch));
  add(&program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCHITECTURE);
  answer(&program, SECCOMP_RET_KILL_PROCESS);
  load(&program, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
  /* The calls of x32 have other numbers. */
  add(&program, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
  answer(&program, REFUSE);
#endif
  refuse(&program, refused, sizeof refused / sizeof *refused);
  if (!runs_programs) refuse(&program, programs, sizeof programs / sizeof *programs);
  refuse_first(&program, SYS_kill, (uint32_t)getpid(), 1);
  refuse_first(&program, SYS_tgkill, (uint32_t)getpid(), 1);
  refuse_first(&program, SYS_prctl, PR_SET_PDEATHSIG, 0);
  /* prlimit64 may read limits: its third argument is NULL then. */
  add(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 6, SYS_prlimit64);
  load(&program, ARGUMENT(2));
  add(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0);
  load(&program, ARGUMENT(2) + 4);
  add(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
  answer(&program, SECCOMP_RET_ALLOW);
  answer(&program, REFUSE);
  answer(&program, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {program.count, program.steps};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
#else
  (void)runs_programs;
  return 0;
#endif
}

static void write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, text, strlen(text)) < 0) { /* then the ids look like nobody's; nothing depends on them */
  }
  close(file);
}

static int leave_network(void) {
  char text[64];
  const unsigned user = geteuid(), group = getegid();
  if (unshare(CLONE_NEWNET) == 0) return 1;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return 0;
  write_text("/proc/self/setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1", user, user);
  write_text("/proc/self/uid_map", text);
  snprintf(text, sizeof text, "%u %u 1", group, group);
  write_text("/proc/self/gid_map", text);
  return 1;
}

int pons_system_enter_sandbox(const char *scratch, int runs_programs) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 0;
  int parts = 0;
  if (restrict_files(scratch)) parts |= PONS_SANDBOX_FILES;
  if (restrict_calls(runs_programs)) {
    parts |= PONS_SANDBOX_CALLS;
  } else if (leave_network()) {
    parts |= PONS_SANDBOX_NETWORK;
  }
  return parts;
}

int pons_system_die_with(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent ? 0 : -1;
}

int pons_system_process_descriptor(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

void pons_system_kill(int descriptor, int process) {
  /* Whoever kills has not waited for the process yet, so its number is still its own. */
  if (descriptor >= 0) syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, NULL, 0);
  kill(-process, SIGKILL);
}

double pons_system_cpu_seconds(int process) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int pons_system_is_delegated_group(const char *folder) {
  struct statfs system;
  char mark = 0;
  return statfs(folder, &system) == 0 && system.f_type == CGROUP2_SUPER_MAGIC &&
         getxattr(folder, "user.delegate", &mark, 1) == 1 && mark == '1';
}
