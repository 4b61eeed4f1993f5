#include "pons_openjpeg.h"

#include <openjpeg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The depth that the library is told instead of a smaller one: no lossless stream exceeds it on the way. */
static const uint8_t deep_and_signed = 0x80 | (28 - 1);

/* The first complaint of a decoder, and the bytes that it reads. */
struct decoding {
  const uint8_t *bytes;
  uint64_t size;
  uint64_t position;
  const pons_jpeg2000 *coded;
  char *message;
  uint64_t capacity;
  int complaints;
};

static void complain(struct decoding *decoding, const char *text) {
  if (decoding->complaints++ > 0 || decoding->capacity == 0) return;
  snprintf(decoding->message, decoding->capacity, "%s", text);
  /* Messages of the library end with a line feed. */
  size_t length = strlen(decoding->message);
  while (length > 0 && decoding->message[length - 1] == '\n') decoding->message[--length] = 0;
}

/*
 * Nothing in a codestream tells whether the bytes of a code block are right. But they must last exactly as long as the
 * passes that are decoded from them: a decoder that lost its way uses fewer, or more. OpenJPEG checks that for streams
 * that promise predictable termination, and decodes all streams alike, so the promise is written into every stream; encoders
 * without it leave a few bytes at most.
 */
static const uint8_t predictable_termination = 0x10;
static const uint8_t high_throughput = 0x40;
static const unsigned tolerated = 4;

static int is_tolerated(const char *text) {
  unsigned bytes = 0;
  return sscanf(text, "PTERM check failure: %u", &bytes) == 1 && bytes <= tolerated;
}

static void on_complaint(const char *text, void *data) {
  if (!is_tolerated(text)) complain(data, text);
}

static void promise(uint8_t *style) {
  if ((*style & high_throughput) == 0) *style |= predictable_termination;
}

/* Writes the promise into the main header of a copy (ITU-T T.800 A.6.1, A.6.2). */
static void promise_termination(uint8_t *stream, uint64_t size) {
  uint64_t position = 0;
  /* In a JP2 file the codestream comes after some boxes. */
  while (position + 4 < size && !(stream[position] == 0xff && stream[position + 1] == 0x4f &&
                                  stream[position + 2] == 0xff && stream[position + 3] == 0x51)) {
    position++;
  }
  position += 2;
  while (position + 4 <= size && stream[position] == 0xff && stream[position + 1] != 0x90) {
    const uint8_t marker = stream[position + 1];
    const uint64_t length = (uint64_t)stream[position + 2] << 8 | stream[position + 3];
    if (length < 2 || position + 2 + length > size) return;
    if (marker == 0x52 && length >= 12) promise(&stream[position + 12]); /* COD */
    if (marker == 0x53 && length >= 9) promise(&stream[position + 9]);   /* COC, below 257 components */
    position += 2 + length;
  }
}

static void on_information(const char *text, void *data) {
  (void)text;
  (void)data;
}

static OPJ_SIZE_T read_bytes(void *buffer, OPJ_SIZE_T count, void *data) {
  struct decoding *decoding = data;
  const uint64_t left = decoding->size - decoding->position;
  if (left == 0) return (OPJ_SIZE_T)-1;
  const uint64_t now = count < left ? count : left;
  memcpy(buffer, decoding->bytes + decoding->position, now);
  decoding->position += now;
  return (OPJ_SIZE_T)now;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void *data) {
  struct decoding *decoding = data;
  const uint64_t left = decoding->size - decoding->position;
  if (count < 0 || (uint64_t)count > left) return -1;
  decoding->position += (uint64_t)count;
  return count;
}

static OPJ_BOOL seek_to(OPJ_OFF_T position, void *data) {
  struct decoding *decoding = data;
  if (position < 0 || (uint64_t)position > decoding->size) return OPJ_FALSE;
  decoding->position = (uint64_t)position;
  return OPJ_TRUE;
}

static int32_t copy_pixels(const opj_image_t *image, const pons_jpeg2000 *coded,
                           uint32_t bytes_per_pixel, void *pixels) {
  const opj_image_comp_t *component = &image->comps[0];
  const size_t count = (size_t)component->w * component->h;
  const int32_t range = (int32_t)(1u << coded->precision);
  const int32_t low = coded->is_signed ? -(range / 2) : 0;
  const int32_t high = low + range - 1;
  /* What the library adds to numbers without a sign, when it knows that there is none. */
  const int32_t shift = coded->depth_offset > 0 && !coded->is_signed ? range / 2 : 0;
  int32_t least = high;
  int32_t most = low;
  if (bytes_per_pixel == 1) {
    uint8_t *out = pixels;
    for (size_t index = 0; index < count; index++) {
      const int32_t value = component->data[index] + shift;
      if (value < least) least = value;
      if (value > most) most = value;
      out[index] = (uint8_t)value;
    }
  } else {
    uint16_t *out = pixels;
    for (size_t index = 0; index < count; index++) {
      const int32_t value = component->data[index] + shift;
      if (value < least) least = value;
      if (value > most) most = value;
      out[index] = (uint16_t)value;
    }
  }
  return least < low || most > high ? -1 : 0;
}

static int32_t decode(struct decoding *decoding, opj_codec_t *codec, opj_stream_t *stream,
                      opj_image_t **image, uint32_t bytes_per_pixel, void *pixels) {
  const pons_jpeg2000 *coded = decoding->coded;
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_set_error_handler(codec, on_complaint, decoding);
  opj_set_warning_handler(codec, on_complaint, decoding);
  opj_set_info_handler(codec, on_information, decoding);
  if (!opj_setup_decoder(codec, &parameters) || !opj_decoder_set_strict_mode(codec, OPJ_TRUE) ||
      !opj_read_header(stream, codec, image) || *image == NULL) {
    complain(decoding, "the header of the codestream cannot be read");
    return -1;
  }
  const opj_image_t *head = *image;
  if (head->numcomps != 1) {
    complain(decoding, "the codestream has several components");
    return -1;
  }
  /* Before memory is taken for what the header claims. */
  if (head->x1 - head->x0 != coded->columns || head->y1 - head->y0 != coded->rows || head->comps[0].dx != 1 ||
      head->comps[0].dy != 1) {
    complain(decoding, "the codestream has another size than the data set says");
    return -1;
  }
  if (!opj_decode(codec, stream, *image) || !opj_end_decompress(codec, stream)) {
    complain(decoding, "the codestream cannot be decoded");
    return -1;
  }
  if (decoding->complaints > 0) return -1;
  const opj_image_comp_t *component = &(*image)->comps[0];
  if (component->w != coded->columns || component->h != coded->rows || component->data == NULL) {
    complain(decoding, "the codestream decodes to another size than the data set says");
    return -1;
  }
  if (copy_pixels(*image, coded, bytes_per_pixel, pixels) != 0) {
    complain(decoding, "a pixel does not fit into the bits of the codestream");
    return -1;
  }
  return 0;
}

int32_t pons_openjpeg_decode(const void *bytes, uint64_t size, const pons_jpeg2000 *coded,
                             uint32_t bytes_per_pixel, void *pixels, char *message,
                             uint64_t capacity) {
  if (capacity > 0) message[0] = 0;
  uint8_t *copy = malloc(size > 0 ? size : 1);
  struct decoding decoding = {copy, size, 0, coded, message, capacity, 0};
  if (copy == NULL) {
    complain(&decoding, "no memory for the codestream");
    return -1;
  }
  memcpy(copy, bytes, size);
  promise_termination(copy, size);
  if (coded->depth_offset > 0 && coded->depth_offset < size) copy[coded->depth_offset] = deep_and_signed;
  static const uint8_t box[4] = {0, 0, 0, 12};
  const int is_file = size > 12 && memcmp(bytes, box, 4) == 0;
  opj_codec_t *codec = opj_create_decompress(is_file ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  opj_stream_t *stream = opj_stream_create(size < (1 << 20) ? (size < 64 ? 64 : size) : 1 << 20, OPJ_TRUE);
  opj_image_t *image = NULL;
  int32_t answer = -1;
  if (codec == NULL || stream == NULL) {
    complain(&decoding, "no memory for the decoder");
  } else {
    opj_stream_set_user_data(stream, &decoding, NULL);
    opj_stream_set_user_data_length(stream, size);
    opj_stream_set_read_function(stream, read_bytes);
    opj_stream_set_skip_function(stream, skip_bytes);
    opj_stream_set_seek_function(stream, seek_to);
    answer = decode(&decoding, codec, stream, &image, bytes_per_pixel, pixels);
  }
  if (image != NULL) opj_image_destroy(image);
  if (stream != NULL) opj_stream_destroy(stream);
  if (codec != NULL) opj_destroy_codec(codec);
  free(copy);
  return answer;
}
