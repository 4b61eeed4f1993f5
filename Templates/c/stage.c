/*
 * A plugin of Pons with one stage: it counts the voxels of a volume and keeps those with enough of them. pons.h says
 * what else a stage can do.
 */
#include <pons.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) {literal, sizeof(literal) - 1}

static const pons_host *host;
static const pons_string port = TEXT("volume"), voxels = TEXT("voxels"), minimum = TEXT("\"minimum\":");
static const pons_string nothing = {NULL, 0};

typedef struct {
  double minimum;
} settings;

/* `parameters` is a JSON object that fits the schema below, without white space, defaults filled in. */
static pons_status create(const pons_stage *stage, pons_context context, pons_string parameters, void **instance) {
  (void)stage, (void)context;
  settings *made = calloc(1, sizeof *made);
  if (made == NULL) return PONS_RESOURCE;
  for (uint64_t at = 0; at + minimum.length < parameters.length; ++at) {
    if (memcmp(parameters.data + at, minimum.data, minimum.length) != 0) continue;
    char digits[64] = {0};
    const uint64_t begin = at + minimum.length, rest = parameters.length - begin;
    memcpy(digits, parameters.data + begin, rest < 63 ? rest : 63);
    made->minimum = strtod(digits, NULL);
  }
  *instance = made;
  return PONS_OK;
}

static void destroy(void *instance) { free(instance); }

static pons_status process(void *instance, pons_context context) {
  const settings *limits = instance;
  pons_packet packet;
  pons_packet_view view = {.size = sizeof view};
  pons_status status = host->input(context, port, 0, &packet);
  if (status == PONS_OK) status = host->packet_view(packet, &view);
  if (status != PONS_OK) return status;
  double count = 0;
  for (uint64_t i = 0; i < view.tensor_count; ++i) {
    const pons_named_tensor *named = view.tensors[i];
    if (named->name.length != voxels.length || memcmp(named->name.data, voxels.data, voxels.length) != 0) continue;
    count = 1;
    for (int32_t axis = 0; axis < named->tensor->ndim; ++axis) count *= (double)named->tensor->shape[axis];
  }
  pons_verdict verdict = {.size = sizeof verdict, .score = count, .reason = TEXT("the number of voxels")};
  verdict.decision = count < limits->minimum ? PONS_DROP : PONS_KEEP;
  status = host->verdict(context, &verdict);
  if (status != PONS_OK || verdict.decision == PONS_DROP) return status;
  return host->forward(context, port, nothing, packet);
}

static const pons_port in = {.size = sizeof in, .name = TEXT("volume"), .summary = TEXT("what is measured"),
                             .kind = TEXT("volume"), .direction = PONS_INPUT, .cardinality = PONS_EACH};
static const pons_port out = {.size = sizeof out, .name = TEXT("volume"), .summary = TEXT("the volumes that stay"),
                              .kind = TEXT("volume"), .direction = PONS_OUTPUT, .cardinality = PONS_PER_CASE};
static const pons_port *const ports[] = {&in, &out};

static const pons_stage stage = {
    .size = sizeof stage,
    .id = TEXT("@ID@"),
    .version = TEXT("1"),
    .summary = TEXT("keeps volumes that are large enough"),
    .port_count = 2,
    .ports = ports,
    .parameters = TEXT("{\"type\": \"object\", \"properties\": {\"minimum\": {\"type\": \"number\", \"default\": 1,"
                       " \"description\": \"volumes with fewer voxels are dropped\"}}}"),
    .flags = PONS_STAGE_DETERMINISTIC,
    .concurrency = PONS_PARALLEL,
    .create = create,
    .destroy = destroy,
    .process = process,
};
static const pons_stage *const stages[] = {&stage};

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
    .size = sizeof plugin,
    .abi_minor = PONS_ABI_MINOR,
    .name = TEXT("@NAME@"),
    .version = TEXT("1.0.0"),
    .stage_count = 1,
    .stages = stages,
    .init = begin,
    .deinit = end,
    .extension = extension,
};

const pons_plugin *pons_entry_v1(void) { return &plugin; }
