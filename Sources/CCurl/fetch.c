#include "pons_fetch.h"

/* The macros that check types do not know pointers to functions. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct state {
  pons_fetch *fetch;
  CURL *curl;
  int64_t written;
  int has_begun;
} state;

/* Loaded when something is fetched: linking libcurl, and what it brings in, would make every start of the
   program 16 ms slower. */
#define PONS_CURL_FUNCTIONS(X) \
  X(global_init) X(easy_init) X(easy_setopt) X(easy_perform) X(easy_getinfo) X(easy_strerror) \
  X(easy_cleanup) X(slist_append) X(slist_free_all)

static struct {
#define X(name) __typeof__(curl_##name) *name;
  PONS_CURL_FUNCTIONS(X)
#undef X
  char problem[PONS_FETCH_TEXT];
} curl;

static void load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  int is_whole = library != NULL;
#define X(name) \
  if (is_whole) is_whole = (*(void **)&curl.name = dlsym(library, "curl_" #name)) != NULL;
  PONS_CURL_FUNCTIONS(X)
#undef X
  if (!is_whole) {
    snprintf(curl.problem, sizeof curl.problem, "libcurl cannot be loaded (package libcurl4): %s", dlerror());
  } else if (curl.global_init(CURL_GLOBAL_DEFAULT) != 0) {
    snprintf(curl.problem, sizeof curl.problem, "libcurl cannot be started");
  }
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static size_t disk_error(pons_fetch *fetch) {
  fetch->is_disk_error = 1;
  snprintf(fetch->message, sizeof fetch->message, "%s", strerror(errno));
  return 0;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context) {
  state *s = context;
  if (!s->has_begun) {
    s->has_begun = 1;
    long status = 0;
    curl.easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 206 && s->written > 0) {
      if (ftruncate(s->fetch->descriptor, 0) != 0) return disk_error(s->fetch);
      s->written = 0;
    }
    if (lseek(s->fetch->descriptor, s->written, SEEK_SET) < 0) return disk_error(s->fetch);
  }
  size_t total = size * count;
  if (s->fetch->limit >= 0 && (int64_t)total > s->fetch->limit - s->written) {
    s->fetch->is_too_long = 1;
    return 0;
  }
  for (size_t done = 0; done < total;) {
    ssize_t now = write(s->fetch->descriptor, bytes + done, total - done);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return disk_error(s->fetch);
    done += (size_t)now;
  }
  s->written += (int64_t)total;
  return total;
}

static size_t take_header(char *line, size_t size, size_t count, void *context) {
  state *s = context;
  size_t length = size * count;
  /* A new answer begins, after a redirection. */
  if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) s->fetch->tag[0] = 0;
  if (length > 5 && strncasecmp(line, "etag:", 5) == 0) {
    char *start = line + 5, *end = line + length;
    while (start < end && (*start == ' ' || *start == '\t')) start++;
    while (end > start && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) end--;
    size_t width = (size_t)(end - start);
    /* Weak tags say nothing about bytes. */
    if (width < PONS_FETCH_TEXT && width > 0 && *start == '"') {
      memcpy(s->fetch->tag, start, width);
      s->fetch->tag[width] = 0;
    }
  }
  return length;
}

static int tell_progress(
    void *context, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t upNow) {
  (void)up, (void)upNow, (void)now;
  state *s = context;
  long status = 0;
  curl.easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
  int64_t whole = total > 0 ? (int64_t)total + (status == 206 ? s->fetch->offset : 0) : -1;
  s->fetch->is_stopped = s->fetch->progress(s->fetch->context, s->written, whole) != 0;
  return s->fetch->is_stopped;
}

int pons_fetch_run(pons_fetch *fetch) {
  pthread_once(&once, load);
  fetch->status = 0;
  fetch->is_stopped = fetch->is_too_long = fetch->is_disk_error = 0;
  fetch->tag[0] = fetch->message[0] = 0;
  state s = {fetch, *curl.problem ? NULL : curl.easy_init(), fetch->offset, 0};
  if (!s.curl) {
    const char *problem = *curl.problem ? curl.problem : "libcurl has no memory";
    snprintf(fetch->message, sizeof fetch->message, "%s", problem);
    return -1;
  }
  char text[CURL_ERROR_SIZE] = "";
  char condition[PONS_FETCH_TEXT + 16];
  struct curl_slist *headers = NULL;
  curl.easy_setopt(s.curl, CURLOPT_URL, fetch->url);
  curl.easy_setopt(s.curl, CURLOPT_PROTOCOLS_STR, "https,http");
  curl.easy_setopt(s.curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl.easy_setopt(s.curl, CURLOPT_MAXREDIRS, 10L);
  curl.easy_setopt(s.curl, CURLOPT_FAILONERROR, 1L);
  curl.easy_setopt(s.curl, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(s.curl, CURLOPT_USERAGENT, "pons");
  curl.easy_setopt(s.curl, CURLOPT_CONNECTTIMEOUT, 30L);
  /* Less than a byte a second for a minute: the line is dead. */
  curl.easy_setopt(s.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl.easy_setopt(s.curl, CURLOPT_LOW_SPEED_TIME, 60L);
  curl.easy_setopt(s.curl, CURLOPT_ERRORBUFFER, text);
  curl.easy_setopt(s.curl, CURLOPT_WRITEFUNCTION, take_bytes);
  curl.easy_setopt(s.curl, CURLOPT_WRITEDATA, &s);
  curl.easy_setopt(s.curl, CURLOPT_HEADERFUNCTION, take_header);
  curl.easy_setopt(s.curl, CURLOPT_HEADERDATA, &s);
  curl.easy_setopt(s.curl, CURLOPT_NOPROGRESS, 0L);
  curl.easy_setopt(s.curl, CURLOPT_XFERINFOFUNCTION, tell_progress);
  curl.easy_setopt(s.curl, CURLOPT_XFERINFODATA, &s);
  if (fetch->offset > 0) {
    char range[32];
    snprintf(range, sizeof range, "%lld-", (long long)fetch->offset);
    /* Not CURLOPT_RESUME_FROM: with it, libcurl fails when a server sends the whole file. */
    curl.easy_setopt(s.curl, CURLOPT_RANGE, range);
    if (fetch->version) {
      snprintf(condition, sizeof condition, "If-Range: %s", fetch->version);
      headers = curl.slist_append(NULL, condition);
      curl.easy_setopt(s.curl, CURLOPT_HTTPHEADER, headers);
    }
  }
  CURLcode code = curl.easy_perform(s.curl);
  curl.easy_getinfo(s.curl, CURLINFO_RESPONSE_CODE, &fetch->status);
  if (code != CURLE_OK && !fetch->is_disk_error) {
    snprintf(fetch->message, sizeof fetch->message, "%s", *text ? text : curl.easy_strerror(code));
  }
  curl.slist_free_all(headers);
  curl.easy_cleanup(s.curl);
  return code == CURLE_OK ? 0 : -1;
}
