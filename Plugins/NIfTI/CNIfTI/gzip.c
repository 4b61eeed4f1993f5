#include "pons_gzip.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

struct pons_inflater {
  struct inflate_state state;
};

static uint32_t at_most(uint64_t size) {
  return size > 0x80000000u ? 0x80000000u : (uint32_t)size;
}

pons_inflater *pons_inflater_create(void) {
  /* Cleared, because isal_inflate_init leaves out the window, and a damaged stream may refer to it. */
  pons_inflater *inflater = calloc(1, sizeof *inflater);
  if (inflater != NULL) pons_inflater_restart(inflater);
  return inflater;
}

void pons_inflater_destroy(pons_inflater *inflater) { free(inflater); }

void pons_inflater_restart(pons_inflater *inflater) {
  isal_inflate_init(&inflater->state);
  inflater->state.crc_flag = ISAL_GZIP;
}

int32_t pons_inflater_run(pons_inflater *inflater, const uint8_t *input, uint64_t input_size,
                          uint8_t *output, uint64_t output_size, int64_t *used, uint64_t *made) {
  struct inflate_state *state = &inflater->state;
  const uint32_t input_now = at_most(input_size);
  const uint32_t output_now = at_most(output_size);
  state->next_in = (uint8_t *)input;
  state->avail_in = input_now;
  state->next_out = output;
  state->avail_out = output_now;
  const int status = isal_inflate(state);
  *used = (int64_t)input_now - (int64_t)state->avail_in;
  *made = output_now - state->avail_out;
  if (*used < -PONS_INFLATER_HISTORY) {
    *used = 0;
    return PONS_INFLATER_DATA;
  }
  switch (status) {
    case ISAL_DECOMP_OK:
    case ISAL_END_INPUT:
    case ISAL_OUT_OVERFLOW:
      return state->block_state == ISAL_BLOCK_FINISH ? PONS_INFLATER_END : PONS_INFLATER_MORE;
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
      return PONS_INFLATER_HEADER;
    case ISAL_INCORRECT_CHECKSUM:
      return PONS_INFLATER_CHECKSUM;
    default:
      return PONS_INFLATER_DATA;
  }
}

enum { HEADER = 10, TRAILER = 8, STORED_HEADER = 5, STORED_MOST = 0xffff };

uint64_t pons_gzip_bound(uint64_t front_size, uint64_t size) {
  const uint64_t stored = front_size + STORED_HEADER * (front_size / STORED_MOST + 1);
  return HEADER + stored + libdeflate_deflate_compress_bound(NULL, size) + TRAILER;
}

static void put_little(uint8_t *bytes, uint32_t value) {
  for (int index = 0; index < 4; index++) bytes[index] = (uint8_t)(value >> (8 * index));
}

/* Writes bytes as stored blocks (RFC 1951 section 3.2.4), which end on whole bytes, so that other blocks can follow. */
static uint8_t *store(const uint8_t *bytes, uint64_t size, uint8_t *output) {
  while (size > 0) {
    const uint32_t count = size < STORED_MOST ? (uint32_t)size : STORED_MOST;
    *output++ = 0;
    put_little(output, count | (~count << 16));
    memcpy(output + 4, bytes, count);
    output += 4 + count;
    bytes += count;
    size -= count;
  }
  return output;
}

uint64_t pons_gzip_compress(int32_t level, const void *front, uint64_t front_size, const void *input,
                            uint64_t size, void *output, uint64_t capacity) {
  if (capacity < pons_gzip_bound(front_size, size)) return 0;
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
  if (compressor == NULL) return 0;
  const uint8_t slowest = 2, fastest = 4;
  const uint8_t header[HEADER] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
  memcpy(output, header, HEADER);
  ((uint8_t *)output)[8] = level >= 8 ? slowest : level < 2 ? fastest : 0;
  uint8_t *next = store(front, front_size, (uint8_t *)output + HEADER);
  const uint64_t room = capacity - TRAILER - (uint64_t)(next - (uint8_t *)output);
  const uint64_t made = libdeflate_deflate_compress(compressor, input, size, next, room);
  libdeflate_free_compressor(compressor);
  if (made == 0) return 0;
  next += made;
  const uint32_t crc = libdeflate_crc32(libdeflate_crc32(0, front, front_size), input, size);
  put_little(next, crc);
  put_little(next + 4, (uint32_t)(front_size + size));
  return (uint64_t)(next + TRAILER - (uint8_t *)output);
}
