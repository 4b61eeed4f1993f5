/*
 * filter.c - a Pons plugin in one C file: org.example.filter-c keeps the cases whose volume has a mean, minimum or
 * maximum within limits, and drops the others. Ports and parameters are those of filter.threshold, so that a site
 * can put it in that one's place. org.example.mask-filter-c does the same with masks and has the ports of s3f.filter:
 * the mean of a mask of 0 and 1 is the part of the image that is marked.
 *
 * It needs pons.h and nothing else: see the Makefile beside it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <pons.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pons_host *host;

/* Text that lives as long as the process. */
#define TEXT(literal) {literal, sizeof(literal) - 1}

static pons_string text(const char *data) {
  const pons_string result = {data, strlen(data)};
  return result;
}

static int is(pons_string string, const char *literal) {
  return string.length == strlen(literal) && memcmp(string.data, literal, string.length) == 0;
}

static pons_status fail(pons_context context, pons_status status, const char *code, const char *message,
                        const char *parameter) {
  pons_error error = {.size = sizeof error, .status = status, .code = text(code), .message = text(message)};
  error.parameter = text(parameter);
  host->fail(context, &error);
  return status;
}

/* -- Parameters ------------------------------------------------------------------------------------------ */

typedef enum { MEAN, MINIMUM, MAXIMUM } statistic;
static const char *const statistic_names[] = {"mean", "minimum", "maximum"};

typedef struct {
  statistic what;
  double minimum;
  double maximum;
} settings;

/*
 * The value of a member of a JSON object that holds strings and numbers only. The host has checked the object against
 * the schema below, so that nothing else can be in it; no name or value here needs an escape.
 */
static int member(pons_string json, const char *name, pons_string *value) {
  char key[32];
  const int length = snprintf(key, sizeof key, "\"%s\":", name);
  for (uint64_t at = 0; at + (uint64_t)length < json.length; ++at) {
    if (memcmp(json.data + at, key, (size_t)length) != 0) continue;
    uint64_t begin = at + (uint64_t)length;
    while (begin < json.length && json.data[begin] == ' ') ++begin;
    uint64_t end = begin;
    while (end < json.length && json.data[end] != ',' && json.data[end] != '}') ++end;
    value->data = json.data + begin;
    value->length = end - begin;
    return 1;
  }
  return 0;
}

static double number(pons_string json, const char *name, double missing) {
  pons_string value;
  char digits[64];
  if (!member(json, name, &value) || value.length >= sizeof digits || is(value, "null")) return missing;
  memcpy(digits, value.data, value.length);
  digits[value.length] = 0;
  return strtod(digits, NULL);
}

static pons_status create(const pons_stage *stage, pons_context context, pons_string parameters,
                          void **instance) {
  (void)stage;
  settings *made = calloc(1, sizeof *made);
  if (made == NULL) return fail(context, PONS_RESOURCE, "OUT_OF_MEMORY", "no memory for a filter", "");
  made->minimum = number(parameters, "minimum", -INFINITY);
  made->maximum = number(parameters, "maximum", INFINITY);
  pons_string what;
  if (member(parameters, "statistic", &what)) {
    if (is(what, "\"minimum\"")) made->what = MINIMUM;
    if (is(what, "\"maximum\"")) made->what = MAXIMUM;
  }
  if (made->minimum > made->maximum) {
    free(made);
    return fail(context, PONS_BAD_PARAMETER, "", "the minimum is greater than the maximum", "minimum");
  }
  *instance = made;
  return PONS_OK;
}

static void destroy(void *instance) { free(instance); }

/* -- Work ------------------------------------------------------------------------------------------------ */

typedef struct {
  uint64_t count;
  double sum;
  double minimum;
  double maximum;
} measures;

static void take(measures *so_far, double value) {
  if (isnan(value)) return;
  if (so_far->count == 0 || value < so_far->minimum) so_far->minimum = value;
  if (so_far->count == 0 || value > so_far->maximum) so_far->maximum = value;
  so_far->sum += value;
  ++so_far->count;
}

#define TAKE_ALL(type)                                                        \
  for (uint64_t index = 0; index < count; ++index)                            \
    take(&so_far, (double)((const type *)voxels->data)[index]);               \
  break

/* A type's code and number of bits in one number, for switch. */
#define TYPE(code, bits) ((code) << 8 | (bits))

static int measure(const pons_tensor *voxels, measures *result) {
  measures so_far = {0, 0, NAN, NAN};
  uint64_t count = 1;
  for (int32_t dimension = 0; dimension < voxels->ndim; ++dimension)
    count *= (uint64_t)voxels->shape[dimension];
  switch (TYPE(voxels->code, voxels->bits)) {
    case TYPE(PONS_BOOL, 8):
    case TYPE(PONS_UINT, 8): TAKE_ALL(uint8_t);
    case TYPE(PONS_UINT, 16): TAKE_ALL(uint16_t);
    case TYPE(PONS_UINT, 32): TAKE_ALL(uint32_t);
    case TYPE(PONS_UINT, 64): TAKE_ALL(uint64_t);
    case TYPE(PONS_INT, 8): TAKE_ALL(int8_t);
    case TYPE(PONS_INT, 16): TAKE_ALL(int16_t);
    case TYPE(PONS_INT, 32): TAKE_ALL(int32_t);
    case TYPE(PONS_INT, 64): TAKE_ALL(int64_t);
    case TYPE(PONS_FLOAT, 32): TAKE_ALL(float);
    case TYPE(PONS_FLOAT, 64): TAKE_ALL(double);
    default: return 0;
  }
  *result = so_far;
  return 1;
}

static const pons_tensor *find_voxels(const pons_packet_view *view) {
  for (uint64_t index = 0; index < view->tensor_count; ++index)
    if (is(view->tensors[index]->name, "voxels")) return view->tensors[index]->tensor;
  return NULL;
}

/* Measures what comes in at one port and sends it to another when it is within the limits. */
static pons_status filter_port(const settings *limits, pons_context context, pons_string from, pons_string to) {
  pons_packet packet;
  pons_status status = host->input(context, from, 0, &packet);
  if (status != PONS_OK) return status;
  pons_packet_view view = {.size = sizeof view};
  status = host->packet_view(packet, &view);
  if (status != PONS_OK) return status;
  const pons_tensor *voxels = find_voxels(&view);
  if (voxels == NULL)
    return fail(context, PONS_BAD_INPUT, "MISSING_TENSOR", "the packet has no voxels", "");
  measures found;
  if (!measure(voxels, &found))
    return fail(context, PONS_BAD_INPUT, "UNSUPPORTED_TYPE", "voxels of this type cannot be measured", "");
  if (found.count == 0)
    return fail(context, PONS_BAD_INPUT, "NO_STATISTIC", "no voxel is a number", "");

  const double values[] = {found.sum / (double)found.count, found.minimum, found.maximum};
  const double value = values[limits->what];
  const int is_low = value < limits->minimum;
  const int is_high = value > limits->maximum;
  char reason[160];
  snprintf(reason, sizeof reason, "%s %g is %s %g", statistic_names[limits->what], value,
           is_low ? "less than" : is_high ? "greater than" : "within the limits, at least",
           is_high ? limits->maximum : limits->minimum);
  pons_verdict verdict = {.size = sizeof verdict, .score = value, .reason = text(reason)};
  verdict.decision = is_low || is_high ? PONS_DROP : PONS_KEEP;
  status = host->verdict(context, &verdict);
  if (status != PONS_OK || verdict.decision == PONS_DROP) return status;
  const pons_string same_case = {NULL, 0};
  return host->forward(context, to, same_case, packet);
}

static pons_status process_volume(void *instance, pons_context context) {
  return filter_port(instance, context, text("volume"), text("volume"));
}

static pons_status process_mask(void *instance, pons_context context) {
  return filter_port(instance, context, text("a"), text("mask"));
}

/* -- Description ----------------------------------------------------------------------------------------- */

static const pons_port volume_in = {
    .size = sizeof(pons_port),
    .name = TEXT("volume"),
    .summary = TEXT("what is measured"),
    .kind = TEXT("volume"),
    .direction = PONS_INPUT,
    .cardinality = PONS_EACH,
};

static const pons_port volume_out = {
    .size = sizeof(pons_port),
    .name = TEXT("volume"),
    .summary = TEXT("the volumes of the cases that stay"),
    .kind = TEXT("volume"),
    .direction = PONS_OUTPUT,
    .cardinality = PONS_PER_CASE,
};

static const pons_port mask_in = {
    .size = sizeof(pons_port),
    .name = TEXT("a"),
    .summary = TEXT("what is measured"),
    .kind = TEXT("mask"),
    .direction = PONS_INPUT,
    .cardinality = PONS_EACH,
};

static const pons_port other_in = {
    .size = sizeof(pons_port),
    .name = TEXT("b"),
    .summary = TEXT("not looked at: it is there so that s3f.filter can be replaced"),
    .kind = TEXT("mask"),
    .direction = PONS_INPUT,
    .cardinality = PONS_EACH,
    .flags = PONS_PORT_OPTIONAL,
};

static const pons_port mask_out = {
    .size = sizeof(pons_port),
    .name = TEXT("mask"),
    .summary = TEXT("the masks of the cases that stay"),
    .kind = TEXT("mask"),
    .direction = PONS_OUTPUT,
    .cardinality = PONS_PER_CASE,
};

static const pons_port *const volume_ports[] = {&volume_in, &volume_out};
static const pons_port *const mask_ports[] = {&mask_in, &other_in, &mask_out};

#define SCHEMA                                                                                        \
  "{\"type\": \"object\", \"properties\": {"                                                          \
  "\"statistic\": {\"type\": \"string\", \"description\": \"what is measured\","                      \
  " \"enum\": [\"mean\", \"minimum\", \"maximum\"], \"default\": \"mean\"},"                           \
  "\"minimum\": {\"type\": \"number\", \"description\": \"cases with less are dropped\"},"            \
  "\"maximum\": {\"type\": \"number\", \"description\": \"cases with more are dropped\"}}}"

static const pons_stage volume_filter = {
    .size = sizeof(pons_stage),
    .id = TEXT("org.example.filter-c"),
    .version = TEXT("1"),
    .summary = TEXT("keeps the cases whose volume has a statistic within limits"),
    .port_count = 2,
    .ports = volume_ports,
    .parameters = TEXT(SCHEMA),
    .flags = PONS_STAGE_DETERMINISTIC,
    .concurrency = PONS_PARALLEL,
    .create = create,
    .destroy = destroy,
    .process = process_volume,
};

static const pons_stage mask_filter = {
    .size = sizeof(pons_stage),
    .id = TEXT("org.example.mask-filter-c"),
    .version = TEXT("1"),
    .summary = TEXT("keeps the cases whose mask has a statistic within limits"),
    .port_count = 3,
    .ports = mask_ports,
    .parameters = TEXT(SCHEMA),
    .flags = PONS_STAGE_DETERMINISTIC,
    .concurrency = PONS_PARALLEL,
    .create = create,
    .destroy = destroy,
    .process = process_mask,
};

static const pons_stage *const stages[] = {&volume_filter, &mask_filter};

static pons_status begin(const pons_host *given) {
  host = given;
  return PONS_OK;
}

static void end(void) {}

static const void *extension(pons_string id) {
  (void)id;
  return NULL;
}

static const pons_plugin plugin = {
    .size = sizeof(pons_plugin),
    .abi_minor = PONS_ABI_MINOR,
    .name = TEXT("filter-c"),
    .version = TEXT("1.0.0"),
    .stage_count = 2,
    .stages = stages,
    .init = begin,
    .deinit = end,
    .extension = extension,
};

const pons_plugin *pons_entry_v1(void) { return &plugin; }
