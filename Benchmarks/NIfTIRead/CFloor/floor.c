#include "pons_floor.h"

#include <libdeflate.h>
#include <stddef.h>

uint64_t pons_floor_inflate(const void *input, uint64_t size, void *output, uint64_t capacity) {
  struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
  if (decompressor == NULL) return 0;
  size_t made = 0;
  const enum libdeflate_result result =
      libdeflate_gzip_decompress(decompressor, input, size, output, capacity, &made);
  libdeflate_free_decompressor(decompressor);
  return result == LIBDEFLATE_SUCCESS ? made : 0;
}
