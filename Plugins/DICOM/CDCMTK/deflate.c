#include "pons_deflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Whether what follows the stream may: a byte that fills up, or the checksum and size that gzip writes, as some archives do. */
static int is_end(const uint8_t *rest, uInt count, const uint8_t *made, uint64_t size) {
  if (count <= 1) return 1;
  if (count != 8 && count != 9) return 0;
  uint32_t sum = 0;
  uint32_t length = 0;
  for (int byte = 0; byte < 4; byte++) {
    sum |= (uint32_t)rest[byte] << (8 * byte);
    length |= (uint32_t)rest[4 + byte] << (8 * byte);
  }
  return length == (uint32_t)size && sum == (uint32_t)crc32_z(0, made, size);
}

int32_t pons_inflate(const void *stream, uint64_t size, uint64_t limit, uint8_t **bytes,
                     uint64_t *count) {
  z_stream state;
  memset(&state, 0, sizeof state);
  *bytes = NULL;
  *count = 0;
  if (size > 0xffffffffu) return PONS_INFLATE_TOO_LARGE;
  if (inflateInit2(&state, -15) != Z_OK) return PONS_INFLATE_MEMORY;
  state.next_in = (Bytef *)stream;
  state.avail_in = (uInt)size;
  uint64_t capacity = size * 4 < 65536 ? 65536 : size * 4;
  if (capacity > limit) capacity = limit;
  uint8_t *made = malloc(capacity > 0 ? capacity : 1);
  uint64_t done = 0;
  int32_t answer = made == NULL ? PONS_INFLATE_MEMORY : PONS_INFLATED;
  while (answer == PONS_INFLATED) {
    const uint64_t room = capacity - done;
    state.next_out = made + done;
    state.avail_out = room > 0x40000000u ? 0x40000000u : (uInt)room;
    const uInt before = state.avail_out;
    const int status = inflate(&state, Z_NO_FLUSH);
    done += before - state.avail_out;
    if (status == Z_STREAM_END) {
      if (!is_end(state.next_in, state.avail_in, made, done)) answer = PONS_INFLATE_DAMAGED;
      break;
    }
    if (status == Z_OK && done < capacity && (state.avail_in > 0 || state.avail_out == 0)) continue;
    if (status != Z_OK && status != Z_BUF_ERROR) {
      answer = status == Z_MEM_ERROR ? PONS_INFLATE_MEMORY : PONS_INFLATE_DAMAGED;
    } else if (done < capacity) {
      answer = PONS_INFLATE_DAMAGED; /* the stream ends early */
    } else if (capacity >= limit) {
      answer = PONS_INFLATE_TOO_LARGE;
    } else {
      capacity = capacity * 2 > limit ? limit : capacity * 2;
      uint8_t *grown = realloc(made, capacity);
      if (grown == NULL) {
        answer = PONS_INFLATE_MEMORY;
      } else {
        made = grown;
      }
    }
  }
  inflateEnd(&state);
  if (answer != PONS_INFLATED) {
    free(made);
    return answer;
  }
  *bytes = made;
  *count = done;
  return PONS_INFLATED;
}

void pons_inflate_free(uint8_t *bytes) { free(bytes); }
