/* Fetching one file by HTTP, by libcurl. C, because curl_easy_setopt is variadic and Swift cannot call it. */
#ifndef PONS_FETCH_H
#define PONS_FETCH_H

#include <stdint.h>

#define PONS_FETCH_TEXT 512

typedef struct pons_fetch {
  /* In. */
  const char *url;
  int descriptor;           /* open for writing; the bytes are appended */
  int64_t offset;           /* bytes that are there already; 0 begins anew */
  const char *version;      /* entity tag that the bytes there are of, or NULL */
  int64_t limit;            /* most bytes that the whole file may have; -1 when nobody knows */
  int (*progress)(void *context, int64_t done, int64_t total); /* total -1: unknown; not 0 stops */
  void *context;
  /* Out. */
  long status;              /* of HTTP; 0 when there was no answer */
  int is_stopped;           /* progress said so */
  int is_too_long;          /* the file is longer than limit */
  int is_disk_error;        /* message has the reason */
  char tag[PONS_FETCH_TEXT];     /* entity tag of the file, or empty */
  char message[PONS_FETCH_TEXT]; /* why it failed */
} pons_fetch;

/* Returns 0 when the whole file is there. A server that knows nothing of ranges sends the file from its
   beginning; what was there is thrown away then. May be called by any thread. */
int pons_fetch_run(pons_fetch *fetch);

#endif
