#include "pons_gzip.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <stdlib.h>

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

uint64_t pons_gzip_bound(uint64_t size) { return libdeflate_gzip_compress_bound(NULL, size); }

uint64_t pons_gzip_compress(int32_t level, const void *input, uint64_t size, void *output,
                            uint64_t capacity) {
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
  if (compressor == NULL) return 0;
  const uint64_t written = libdeflate_gzip_compress(compressor, input, size, output, capacity);
  libdeflate_free_compressor(compressor);
  return written;
}
