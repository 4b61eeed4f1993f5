/*
 * A plugin that does one thing wrong, chosen by -DMODE=NAME -DIS_NAME; ID sets the id of its stage.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "pons.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  HONEST,
  /* When it is opened. */
  CRASH, ABORT, HANG, EXIT_0, EXIT_3, NO_PLUGIN, GARBAGE_ANSWER, WILD_POINTER,
  /* What it says. */
  SHORT_PLUGIN, SHORT_STAGE, SHORT_PORT, CRITICAL_PLUGIN, CRITICAL_STAGE, CRITICAL_PORT,
  KEYS_OF_INPUT,
  MISSING_EXTENSION, DUPLICATE_IDS, DUPLICATE_PORTS, BAD_UTF8, BAD_ID, BAD_SCHEMA, BAD_DEFAULT,
  EACH_AND_ALL, NO_PROCESS, HALF_SOURCE, BAD_CARDINALITY, BAD_DTYPE, BAD_GRID, MANY_STAGES,
  /* What it does. */
  INIT_FAILS, WRITES_INPUT, FORGETS_SEAL, SEALS_TWICE, STALE_CONTEXT, FORGED_HANDLES, UNDESCRIBED,
  UNKNOWN_STATUS, DESCRIBES, PASSES_REFUSAL, BAD_METADATA, UNKNOWN_OUTPUT, HUGE_TENSOR, GROWS,
  NULL_EVERYWHERE, RETAINS, LEAKS, IGNORES_CANCEL, RANDOM_OUTPUT, CRASHES_ON_NAN, CREATE_CRASHES,
  SAYS_TWICE, THREADED, NEVER_ASKS, HANGS, WANTS_REST,
  /* What it does to the case "n1" alone: only a process of its own contains it. */
  SEGFAULTS, TRAPS, ABORTS, EXITS, SLEEPS, SPINS, ALLOCATES, SHARES_MEMORY, WRITES_GARBAGE, CLOSES_SOCKET,
  OVERRUNS, WRITES_LENT, LEAVES_CHILD, SENDS_NAN, ENDS_HOST,
  /* What it may not do there. */
  LOOKS_AROUND
};

#define S(text) {text, sizeof(text) - 1}
#ifndef ID
#define ID "hostile.stage"
#endif

/* Texts that differ. */
#define NONE_TEXT {0, 0}
#ifdef IS_BAD_UTF8
#define PLUGIN_NAME S("\xff\xfe")
#else
#define PLUGIN_NAME S("hostile")
#endif
#ifdef IS_BAD_ID
#define STAGE_ID S("Not An Id")
#else
#define STAGE_ID S(ID)
#endif
#ifdef IS_BAD_SCHEMA
#define SCHEMA S("{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"complex\"}}}")
#elif defined(IS_BAD_DEFAULT)
#define SCHEMA \
  S("{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"integer\",\"default\":5,\"maximum\":4}}}")
#else
#define SCHEMA S("{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"integer\",\"default\":5}}}")
#endif
#ifdef IS_BAD_DTYPE
#define DTYPES S("float128")
#else
#define DTYPES NONE_TEXT
#endif
#ifdef IS_BAD_GRID
#define GRID S("nowhere")
#else
#define GRID NONE_TEXT
#endif

static const pons_host *host;
static const pons_string PORT = S("volume"), VOXELS = S("voxels"), AFFINE = S("affine"),
                         FACTS = S("{\"modality\":\"MR\",\"rescale\":false}"), NONE = {0, 0};

static void fail(pons_context context, pons_status status, pons_string message) {
  pons_error error;
  memset(&error, 0, sizeof error);
  error.size = sizeof error;
  error.status = status;
  error.message = message;
  host->fail(context, &error);
}

static pons_status start(const pons_host *h) {
  host = h;
  if (MODE == INIT_FAILS ||
      (MODE == WANTS_REST && strcmp(getenv("OMP_WAIT_POLICY") ?: "", "passive") != 0)) {
    pons_string text = S("no licence");
    fail(0, PONS_RESOURCE, text);
    return PONS_RESOURCE;
  }
  return PONS_OK;
}
static void stop(void) { host = NULL; }

static pons_status create(const pons_stage *stage, pons_context context, pons_string parameters,
                          void **instance) {
  (void)stage, (void)context, (void)parameters;
  if (MODE == CREATE_CRASHES) abort();
  *instance = NULL;
  return PONS_OK;
}
static void destroy(void *instance) { (void)instance; }

static pons_status begin(pons_context context, int64_t count, pons_builder *builder) {
  const int64_t shape[3] = {1, 1, count};
  pons_tensor_request request = {sizeof request, VOXELS, PONS_FLOAT, 32, 0, 3, shape};
  const int64_t square[2] = {4, 4};
  pons_tensor_request affine = {sizeof affine, AFFINE, PONS_FLOAT, 64, 0, 2, square};
  const pons_tensor_request *requests[2] = {&request, &affine};
  pons_output output = {sizeof output, PORT, NONE, 2, requests};
  return host->begin(context, &output, builder);
}

static pons_status send_value(pons_context context, float value) {
  pons_builder builder = 0;
  pons_tensor tensor;
  pons_status status = begin(context, 4, &builder);
  if (status != PONS_OK) return status;
  status = host->builder_tensor(builder, VOXELS, &tensor);
  if (status != PONS_OK) return status;
  for (int i = 0; i < 4; i++) ((float *)tensor.data)[i] = value;
  return host->seal(builder, FACTS, NONE, 0, NULL);
}

/* Writes behind the memory of an output until something stops it. */
static pons_status overrun(pons_context context) {
  pons_builder builder = 0;
  pons_tensor tensor;
  pons_status status = begin(context, 1 << 20, &builder);
  if (status != PONS_OK) return status;
  status = host->builder_tensor(builder, VOXELS, &tensor);
  if (status != PONS_OK) return status;
  for (int64_t i = 0; i < INT64_C(1) << 40; i++) ((volatile float *)tensor.data)[i] = 1;
  return PONS_OK;
}

static void misbehave(pons_context context, const pons_tensor *first) {
  switch (MODE) {
    case SEGFAULTS: *(volatile int *)8 = 1; break;
    case TRAPS: __builtin_trap();
    case ABORTS: abort();
    case EXITS: _exit(7);
    case SLEEPS: for (;;) pause();
    case SPINS: for (volatile int i = 0;; i++) {}
    case ALLOCATES:
      for (;;) memset(malloc(1 << 22), 1, 1 << 22);
    case SHARES_MEMORY:
      for (;;)
        memset(mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 1, 1 << 22);
    case WRITES_GARBAGE:
      for (int file = 3; file < 64; file++)
        if (write(file, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 39) < 0) continue;
      break;
    case CLOSES_SOCKET:
      for (int file = 3; file < 64; file++) close(file);
      break;
    case OVERRUNS: overrun(context); break;
    case WRITES_LENT: ((volatile char *)first->data)[0] = 1; break;
    case LEAVES_CHILD:
      if (fork() == 0) for (;;) pause();
      abort();
    case ENDS_HOST: kill(getppid(), SIGKILL); abort();
    default: break;
  }
}

/* Tries what a stage has no business to do; answers a bit for everything that worked. */
static int look_around(pons_context context) {
  int found = 0;
  pons_string scratch;
  char path[4096];
  if (socket(AF_INET, SOCK_STREAM, 0) >= 0) found |= 1;
  if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0) found |= 2;
  int file = open("/tmp/pons-hostile-was-here", O_CREAT | O_WRONLY, 0600);
  if (file >= 0) found |= 4;
  if (unlink("/tmp/pons-hostile-was-here") == 0) found |= 8;
  if (kill(getppid(), 0) == 0) found |= 16;
  if (prctl(PR_SET_PDEATHSIG, 0) == 0) found |= 32;
  if (setsid() >= 0) found |= 64;
  if (memfd_create("x", 0) >= 0) found |= 128;
  execl("/bin/true", "true", NULL);
  if (errno != EPERM) found |= 256;
  /* And what it may. */
  if (host->scratch(context, &scratch) != PONS_OK) return found | 512;
  snprintf(path, sizeof path, "%.*s/mine", (int)scratch.length, scratch.data);
  if (open(path, O_CREAT | O_WRONLY, 0600) < 0) found |= 1024;
  if (open("/dev/null", O_WRONLY) < 0) found |= 2048;
  return found;
}

static pons_context kept_context;
static pons_packet kept_packet;
static pthread_t thread;

static void *later(void *argument) {
  (void)argument;
  usleep(20000);
  pons_string text = S("too late");
  uint64_t count = 0;
  pons_packet packet = 0;
  host->log(kept_context, PONS_LOG_WARNING, NONE, text);
  fail(kept_context, PONS_INTERNAL, text);
  intptr_t ok = host->progress(kept_context, 0.5, NONE) == 1 &&
                host->input_count(kept_context, PORT, &count) == PONS_CANCELLED &&
                host->input(kept_context, PORT, 0, &packet) == PONS_CANCELLED &&
                host->packet_retain(kept_packet) == PONS_CANCELLED &&
                host->forward(kept_context, PORT, NONE, kept_packet) == PONS_CANCELLED;
  return (void *)ok;
}

static void *send_from_thread(void *argument) {
  return (void *)(intptr_t)send_value(*(pons_context *)argument, 1);
}

static pons_status process(void *instance, pons_context context) {
  (void)instance;
  pons_packet packet = 0;
  pons_builder builder = 0;
  pons_status status = host->input(context, PORT, 0, &packet);
  if (status != PONS_OK) return status;
  pons_packet_view view;
  view.size = sizeof view;
  status = host->packet_view(packet, &view);
  if (status != PONS_OK) return status;
  const pons_tensor *first = view.tensor_count ? view.tensors[0]->tensor : NULL;
  for (uint64_t i = 0; i < view.tensor_count; i++)
    if (view.tensors[i]->name.length == 6 && !memcmp(view.tensors[i]->name.data, "voxels", 6))
      first = view.tensors[i]->tensor;
  if (view.case_key.length == 2 && !memcmp(view.case_key.data, "n1", 2)) misbehave(context, first);
  switch (MODE) {
    case SENDS_NAN:
      return send_value(context, NAN);
    case LOOKS_AROUND: {
      char text[32];
      snprintf(text, sizeof text, "found %d", look_around(context));
      pons_string message = {text, strlen(text)};
      fail(context, PONS_BAD_INPUT, message);
      return PONS_BAD_INPUT;
    }
    case WRITES_INPUT:
      ((volatile char *)first->data)[0] = 1;
      break;
    case FORGETS_SEAL:
      return begin(context, 4, &builder);
    case SEALS_TWICE:
      begin(context, 4, &builder);
      if (host->seal(builder, FACTS, NONE, 0, NULL) != PONS_OK) return PONS_INTERNAL;
      return host->seal(builder, FACTS, NONE, 0, NULL);
    case STALE_CONTEXT:
      if (kept_context) {
        void *ok = NULL;
        pthread_join(thread, &ok);
        kept_context = 0;
        if (!ok) return PONS_INTERNAL;
        break;
      }
      kept_context = context;
      kept_packet = packet;
      pthread_create(&thread, NULL, later, NULL);
      break;
    case FORGED_HANDLES: {
      uint64_t count;
      if (host->packet_view(context, &view) != PONS_CANCELLED) return PONS_INTERNAL;
      if (host->packet_view(packet + (1 << 24), &view) != PONS_CANCELLED) return PONS_INTERNAL;
      if (host->input_count(packet, PORT, &count) != PONS_CANCELLED) return PONS_INTERNAL;
      if (host->seal(packet, NONE, NONE, 0, NULL) != PONS_CANCELLED) return PONS_INTERNAL;
      for (uint64_t i = 1; i != 0; i <<= 1) {
        host->packet_release(i);
        host->discard(~i);
        host->fail(i, NULL);
      }
      break;
    }
    case UNDESCRIBED:
      return PONS_BAD_INPUT;
    case UNKNOWN_STATUS:
      return 99;
    case DESCRIBES:
    case SAYS_TWICE: {
      pons_string one = S("too dark"), two = S("second thought");
      fail(context, PONS_BAD_INPUT, one);
      if (MODE == SAYS_TWICE) fail(context, PONS_RESOURCE, two);
      return PONS_BAD_INPUT;
    }
    case PASSES_REFUSAL:
      return host->input(context, PORT, 7, &packet);
    case BAD_METADATA: {
      pons_string text = S("{\"a\":");
      begin(context, 4, &builder);
      return host->seal(builder, text, NONE, 0, NULL);
    }
    case UNKNOWN_OUTPUT: {
      pons_string other = S("elsewhere");
      return host->forward(context, other, NONE, packet);
    }
    case HUGE_TENSOR:
      return begin(context, INT64_MAX, &builder);
    case GROWS: {
      const int64_t shape[3] = {1, 1, 5};
      pons_final_shape final = {sizeof final, VOXELS, 3, 0, shape};
      const pons_final_shape *finals[1] = {&final};
      begin(context, 4, &builder);
      return host->seal(builder, NONE, NONE, 1, finals);
    }
    case NULL_EVERYWHERE: {
      pons_output output = {sizeof output, PORT, NONE, 3, NULL};
      pons_string wild = {NULL, 12};
      host->fail(context, NULL);
      host->log(context, 77, wild, wild);
      host->progress(context, NAN, wild);
      if (host->input_count(context, PORT, NULL) == PONS_OK) return PONS_OK;
      if (host->input(context, wild, 0, NULL) == PONS_OK) return PONS_OK;
      if (host->packet_view(packet, NULL) == PONS_OK) return PONS_OK;
      if (host->begin(context, NULL, NULL) == PONS_OK) return PONS_OK;
      if (host->begin(context, &output, &builder) == PONS_OK) return PONS_OK;
      if (host->verdict(context, NULL) == PONS_OK) return PONS_OK;
      if (host->add_case(context, NULL) == PONS_OK) return PONS_OK;
      if (host->scratch(context, NULL) == PONS_OK) return PONS_OK;
      return PONS_INTERNAL;
    }
    case RETAINS:
      if (kept_packet) {
        /* The packet of the call before is still there. */
        if (host->packet_view(kept_packet, &view) != PONS_OK) return PONS_INTERNAL;
        host->packet_release(kept_packet);
        if (host->packet_view(kept_packet, &view) != PONS_CANCELLED) return PONS_INTERNAL;
        kept_packet = 0;
        break;
      }
      host->packet_retain(packet);
      kept_packet = packet;
      break;
    case LEAKS:
      memset(malloc(1 << 17), 1, 1 << 17);
      break;
    case IGNORES_CANCEL:
      for (int i = 0; i < 40; i++) {
        host->progress(context, i / 40.0, NONE);
        usleep(50000);
      }
      break;
    case NEVER_ASKS:
      usleep(1500000);
      break;
    case HANGS:
      for (;;) pause();
    case RANDOM_OUTPUT: {
      static float counter;
      return send_value(context, counter++);
    }
    case CRASHES_ON_NAN:
      if (first && first->data && first->bits == 32 && isnan(((float *)first->data)[0])) abort();
      break;
    case THREADED: {
      pthread_t helper;
      void *result;
      pthread_create(&helper, NULL, send_from_thread, &context);
      pthread_join(helper, &result);
      return (pons_status)(intptr_t)result;
    }
    default:
      if (host->progress(context, 0.5, NONE)) return PONS_CANCELLED;
      break;
  }
  return host->forward(context, PORT, NONE, packet);
}

static const pons_port in = {sizeof in, S("volume"), S("in"),
                             S("volume"), PONS_INPUT, MODE == BAD_CARDINALITY ? 9 : PONS_EACH,
                             0,
                             MODE == CRITICAL_PORT   ? 8
                             : MODE == KEYS_OF_INPUT ? PONS_PORT_CASE_KEYS
                                                     : 0,
                             NONE_TEXT, NONE_TEXT};
static const pons_port gathered = {sizeof gathered, S("all"), S("all"), S("volume"), PONS_INPUT,
                                   PONS_ALL, 0, 0, NONE_TEXT, NONE_TEXT};
static const pons_port out = {MODE == SHORT_PORT ? 8 : sizeof out, S("volume"), S("out"),
                              S("volume"), PONS_OUTPUT, PONS_PER_CASE, 0, 0,
                              DTYPES, GRID};
static const pons_port *const ports[] = {&in, &out, MODE == EACH_AND_ALL ? &gathered : &out};

static pons_status never(void *instance, pons_context context) {
  (void)instance, (void)context;
  return PONS_OK;
}

static const pons_stage stage = {
    MODE == SHORT_STAGE ? sizeof stage - 8 : sizeof stage,
    STAGE_ID,
    S("1"),
    S("does one thing wrong"),
    MODE == EACH_AND_ALL || MODE == DUPLICATE_PORTS ? 3 : 2,
    ports,
    SCHEMA,
    PONS_STAGE_DETERMINISTIC,
    MODE == CRITICAL_STAGE ? 1ull << 40 : 0,
    PONS_PER_INSTANCE,
    0,
    create,
    destroy,
    MODE == NO_PROCESS ? NULL : process,
    MODE == HALF_SOURCE ? never : NULL,
    NULL};
static const pons_stage *const stages[] = {
    MODE == WILD_POINTER ? (const pons_stage *)0x10 : &stage, &stage};
static const pons_string extensions[] = {S("org.example.time-travel/1")};

static const void *extension(pons_string id) {
  (void)id;
  return NULL;
}

static const pons_plugin plugin = {MODE == SHORT_PLUGIN ? 16 : sizeof plugin,
                                   PONS_ABI_MINOR,
                                   0,
                                   PLUGIN_NAME,
                                   S("1.0"),
                                   {0, 0},
                                   MODE == DUPLICATE_IDS  ? 2
                                   : MODE == MANY_STAGES ? UINT64_MAX
                                                          : 1,
                                   stages,
                                   MODE == CRITICAL_PLUGIN ? 1 : 0,
                                   MODE == MISSING_EXTENSION ? 1 : 0,
                                   extensions,
                                   start,
                                   stop,
                                   extension};

const pons_plugin *pons_entry_v1(void) {
  switch (MODE) {
    case CRASH:
      *(volatile int *)8 = 1;
      break;
    case ABORT:
      abort();
    case HANG:
      for (;;) pause();
    case EXIT_0:
      exit(0);
    case EXIT_3:
      exit(3);
    case NO_PLUGIN:
      return NULL;
    case GARBAGE_ANSWER:
      write(3, "{\"plugin\":{\"name\":1}}", 21);
      _exit(0);
  }
  return &plugin;
}
