/*
 * pons.h - the Pons plugin ABI, version 1.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A plugin is a shared library that exports one function, pons_entry_v1. It describes stages: pieces of
 * work with named input and output ports. The host wires stages into a graph that a manifest describes,
 * and calls them with packets. This header is all that a plugin needs; it compiles as C11 and as C++17.
 *
 *
 * Life of a plugin
 * ----------------
 *
 *   pons_entry_v1()            may be called at any time, from any thread, also in a process that only
 *       |                      wants to read the descriptors. Creates nothing, opens nothing.
 *   plugin->init(host)         counted: every successful init is matched by one deinit.
 *       |
 *   stage->create()            one instance for each use of the stage in a manifest.
 *       |
 *   stage->enumerate()         sources only, once a run: which cases are there?
 *   stage->read()              sources only, once a case.
 *   stage->process()           all other stages: once a case, or once for all cases.
 *       |
 *   stage->destroy()
 *       |
 *   plugin->deinit()           the library stays mapped until the process ends; it is never unloaded.
 *
 *
 * Threads
 * -------
 *
 * Every function below says from which thread it is called. Two words are used:
 *
 *   [main]    one call at a time for the whole plugin; not always the same thread.
 *   [worker]  a thread of the host. Calls of one instance may come from different workers, one after the
 *             other or at the same time, as the stage's `concurrency` says.
 *
 * The functions of pons_host are legal on any thread, also on threads that the plugin started itself, as
 * long as the call that gave the context has not returned. A context that has expired is recognised: the
 * function does nothing and answers PONS_CANCELLED.
 *
 *
 * Ownership
 * ---------
 *
 *   - Neither side ever frees memory of the other.
 *   - Strings are UTF-8 with a length; a terminating zero is not needed and not promised.
 *   - Strings and arrays inside descriptors (pons_plugin, pons_stage, pons_port) live as long as the process.
 *     Everything else is copied by the callee before it returns.
 *   - The host allocates every output. A plugin asks for memory (begin), fills it, and seals it. A packet
 *     that was not sealed when the call returns, or whose call failed, is discarded.
 *   - Inputs are read-only. Writing to them is a bug that `pons plugins check` finds.
 *
 *
 * Growing
 * -------
 *
 * Every struct begins with `size`, the size that its author compiled. A later minor version may add
 * fields at the end, never elsewhere. Before reading a field that is newer than 1.0, ask PONS_HAS(). Arrays of
 * structs are arrays of pointers, so that the structs may grow. pons_string and pons_tensor never grow.
 * Bits that are not defined here must be zero. A host ignores unknown bits in `flags` and refuses a
 * plugin with unknown bits in `critical_flags`.
 */
#ifndef PONS_H
#define PONS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PONS_ABI_MAJOR 1
#define PONS_ABI_MINOR 5

/* Is `field` inside the part of the struct that `pointer`'s author compiled? */
#define PONS_HAS(pointer, type, field) \
  ((pointer)->size >= (uint64_t)(offsetof(type, field) + sizeof((pointer)->field)))

#if defined(_WIN32)
#define PONS_EXPORT __declspec(dllexport)
#else
#define PONS_EXPORT __attribute__((visibility("default")))
#endif

/* UTF-8 text. `data` may be NULL when `length` is 0. Never grows. */
typedef struct pons_string {
  const char *data;
  uint64_t length;
} pons_string;

/* Bytes in memory. `data` may be NULL when `size` is 0. Never grows. */
typedef struct pons_bytes {
  const void *data;
  uint64_t size;
} pons_bytes;

/*
 * Handles. They are numbers and not pointers, so that the host recognises one that has expired.
 * 0 is never a valid handle.
 */
typedef uint64_t pons_context; /* one call of the plugin; expires when the call returns */
typedef uint64_t pons_packet;  /* one immutable packet */
typedef uint64_t pons_builder; /* one output packet that is being filled; expires with its context */

/*
 * What a function answers. Functions of the plugin answer PONS_OK, or any other status after they have
 * described the error with host->fail(). When an error is not described, the host reports it as PONS_INTERNAL.
 */
typedef int32_t pons_status;
#define PONS_OK 0
#define PONS_BAD_INPUT 1     /* this case's data cannot be processed: its case is quarantined */
#define PONS_BAD_PARAMETER 2 /* the manifest asks for something that cannot be: named by `parameter` */
#define PONS_RESOURCE 3      /* out of memory, disk, descriptors: may be tried again */
#define PONS_CANCELLED 4     /* the host asked to stop, or the handle has expired */
#define PONS_INTERNAL 5      /* a bug: three cases in a row stop the run */

/* ------------------------------------------------------------------------------------------------------
 * Tensors and packets
 * --------------------------------------------------------------------------------------------------- */

/* Type codes, as in DLPack. */
#define PONS_INT 0u
#define PONS_UINT 1u
#define PONS_FLOAT 2u
#define PONS_BFLOAT 4u
#define PONS_BOOL 6u /* one byte an element, 0 or 1 */

/* The most dimensions a tensor on an edge can have. */
#define PONS_MAX_DIMENSIONS 8

/*
 * A tensor, laid out exactly like DLPack's DLTensor (dlpack.h 0.2 to 1.x), so that a `pons_tensor *` can be handed
 * to anything that takes a `DLTensor *`. Never grows.
 *
 * On edges: device_type is 1 (CPU), lanes is 1, byte_offset is 0, data is 64-byte aligned, elements are in
 * C order without gaps (the last index moves fastest), and `strides` is NULL. `data` may be NULL when
 * there are no elements.
 */
typedef struct pons_tensor {
  void *data;
  int32_t device_type;
  int32_t device_id;
  int32_t ndim;
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} pons_tensor;

/* A tensor inside a packet. */
typedef struct pons_named_tensor {
  uint64_t size;
  pons_string name;
  const pons_tensor *tensor;
} pons_named_tensor;

/*
 * What is in a packet. All pointers stay valid as long as the packet's handle is valid.
 *
 * Voxel tensors are [z, y, x] or [c, z, y, x]; `affine` is [4, 4] float64 and maps the voxel indices (x, y, z, 1)
 * to millimetres in RAS+.
 */
typedef struct pons_packet_view {
  uint64_t size;
  pons_string kind;     /* "volume", "mask", "model", ...; a plugin's own kinds have reverse-DNS names */
  pons_string case_key; /* empty for packets that belong to no case (a model, a table) */
  uint64_t tensor_count;
  const pons_named_tensor *const *tensors; /* sorted by name */
  pons_string metadata; /* a JSON object: what matters for the result; part of the packet's identity */
  pons_string sidecar;  /* a JSON object: provenance, patient data, paths; not part of the identity.
                           Never copy any of it to a log, an error, or the metadata of an output. */
} pons_packet_view;

/* One tensor of an output packet that is to be allocated. */
typedef struct pons_tensor_request {
  uint64_t size;
  pons_string name; /* unique in the packet; [A-Za-z0-9_.-]+ */
  uint8_t code;
  uint8_t bits;
  uint16_t reserved; /* 0 */
  int32_t ndim;
  const int64_t *shape; /* the most that will be needed; seal() may shrink it */
} pons_tensor_request;

/* An output packet that is to be allocated. */
typedef struct pons_output {
  uint64_t size;
  pons_string port;
  /*
   * Which case the packet belongs to.
   *   empty                the case of this call; or no case, on PONS_ONE ports
   *   a key of an input    on PONS_PER_CASE ports of a stage with PONS_ALL inputs
   *   a short label        on PONS_NEW_CASES ports: [A-Za-z0-9_.-]{1,64}; the host makes a new key from the case
   *                        of this call and the label
   *   a whole case key     on PONS_NEW_CASES ports with PONS_PORT_CASE_KEYS: as case_key() makes it, or as a packet of
   *                        that case has it. No two packets of a run may get the same key through one port.
   */
  pons_string case_key;
  uint64_t tensor_count;
  const pons_tensor_request *const *tensors;
} pons_output;

/* The final shape of one tensor, for seal(). */
typedef struct pons_final_shape {
  uint64_t size;
  pons_string name;
  int32_t ndim;
  int32_t reserved; /* 0 */
  const int64_t *shape; /* must not have more elements than were asked for */
} pons_final_shape;

/* ------------------------------------------------------------------------------------------------------
 * What a plugin tells the host during a call
 * --------------------------------------------------------------------------------------------------- */

/*
 * An error. No text may hold patient data (names, ids, dates, UIDs) or absolute paths: reports and logs
 * print it. Say what was found, what was expected, and in `hint` what the reader can do about it.
 */
typedef struct pons_error {
  uint64_t size;
  pons_status status; /* PONS_BAD_INPUT ... PONS_INTERNAL */
  int32_t reserved;   /* 0 */
  pons_string code;   /* a stable reason for machines, like TRUNCATED or NO_BRAIN_MASK; may be empty */
  pons_string message;
  pons_string hint;      /* may be empty */
  pons_string parameter; /* the parameter that is at fault; may be empty */
  pons_string port;      /* the port that is at fault; may be empty */
} pons_error;

/* Severity of a log record. */
#define PONS_LOG_DEBUG 0u
#define PONS_LOG_INFO 1u
#define PONS_LOG_NOTICE 2u
#define PONS_LOG_WARNING 3u

/* What a filter or a selection decides about a case. */
#define PONS_KEEP 0u         /* recorded with its score, so that a report can show the whole distribution */
#define PONS_DROP 1u         /* a filter removes the case from its own outgoing edges: "filtered" */
#define PONS_NOT_SELECTED 2u /* a selection rule does not choose it: "not-selected" */

typedef struct pons_verdict {
  uint64_t size;
  pons_string case_key; /* empty: the case of this call */
  uint32_t decision;    /* PONS_KEEP, PONS_DROP or PONS_NOT_SELECTED */
  uint32_t reserved;    /* 0 */
  double score;         /* NaN: there is none */
  int64_t rank;         /* 1 is the best; 0: there is none */
  pons_string reason;   /* a sentence: which rule, which value */
} pons_verdict;

/* Why a case has no packet at a port. */
#define PONS_ABSENT_FILTERED 1u     /* a filter removed it */
#define PONS_ABSENT_NOT_SELECTED 2u /* a selection rule did not choose it */
#define PONS_ABSENT_QUARANTINED 3u  /* a stage failed with it */
#define PONS_ABSENT_NOT_SENT 4u     /* a stage sent nothing to its optional output */

/* A case that has no packet at an ALL port with PONS_PORT_ABSENT (1.3). */
typedef struct pons_absence {
  uint64_t size;
  pons_string case_key;
  uint32_t fate; /* PONS_ABSENT_FILTERED ... PONS_ABSENT_NOT_SENT; treat others like quarantined */
  uint32_t reserved;
  pons_string stage;  /* where it happened: the stage's name in the manifest */
  pons_string code;   /* a stable reason for machines: NO_BRAIN_MASK, FILTERED, NOT_SELECTED, NOT_SENT */
  pons_string reason; /* for people */
  double score;       /* of the verdict; NaN: there is none */
  int64_t rank;       /* of the verdict; 0: there is none */
} pons_absence;

/* Flags of a case. */
#define PONS_CASE_PUBLIC_NAME 1u /* `name` is no patient data (synthetic, or the site says so): it becomes
                                    the case key as it is. Without it the key is a pseudonym of `name`. */

/* A case that a source has found. */
typedef struct pons_case {
  uint64_t size;
  pons_string name; /* unique in the source and stable across runs and folders: a relative path, a UID. May be
                       patient data: the host stores it in the run's private table only, and hands it to
                       read(). Sources whose cases shall meet in a join must give equal names. */
  uint64_t flags;
  /*
   * What the case is made of: its content decides whether an earlier result can be used again. The host
   * digests the named files; `fingerprint` is for what is not in files (a seed, a number of a frame).
   */
  uint64_t file_count;
  const pons_string *files; /* absolute paths */
  pons_string fingerprint;
  /*
   * What the case is, for reports: a JSON object, recorded with the case's fate also when it cannot be read. No patient
   * data. Not part of any key. May be empty.
   */
  pons_string about;
} pons_case;

/* The size that pons_case had before `about`; a host accepts it still. */
#define PONS_CASE_SIZE_1 64u

/* ------------------------------------------------------------------------------------------------------
 * The host
 * --------------------------------------------------------------------------------------------------- */

/*
 * What the host offers. The plugin gets it in init() and may keep the pointer until deinit().
 * Every function is thread-safe and may be called on any thread.
 */
typedef struct pons_host {
  uint64_t size;
  uint32_t abi_minor;
  uint32_t reserved;
  pons_string name;
  pons_string version;

  /* An optional, revisioned interface, by name ("pons.checkpoint/1"), or NULL. Its header says what it is. */
  const void *(*extension)(pons_string id);

  /* -- What happens ------------------------------------------------------------------------------------ */

  /* Describes why the call is going to fail. The first description of a call counts. */
  void (*fail)(pons_context context, const pons_error *error);

  /* Writes a log record. `code` is for machines and stable; `text` is for people. No patient data. */
  void (*log)(pons_context context, uint32_t level, pons_string code, pons_string text);

  /*
   * Tells how far the call is: `fraction` from 0 to 1, `note` like "epoch 3 of 20" or empty. Cheap; call it as
   * often as you like. Answers 1 when the host wants the call to end soon: clean up and return PONS_CANCELLED.
   */
  int32_t (*progress)(pons_context context, double fraction, pons_string note);

  /* Answers 1 when the call shall end soon, else 0. A long call must ask at least ten times a second. */
  int32_t (*cancelled)(pons_context context);

  /* -- What a call may use ----------------------------------------------------------------------------- */

  /* The seed of all randomness in this call: made from the run's seed, the stage and the case. */
  uint64_t (*seed)(pons_context context);

  /*
   * How many threads this call may keep busy, at least 1. The same for every call of an instance, unless the stage
   * is PONS_STAGE_ANY_THREADS.
   */
  uint32_t (*threads)(pons_context context);

  /* An empty folder for this call alone, gone when it returns. `path` stays valid until then. */
  pons_status (*scratch)(pons_context context, pons_string *path);

  /* -- Inputs ------------------------------------------------------------------------------------------ */

  /*
   * How many packets wait at an input port. PONS_EACH and PONS_ONCE: 1, or 0 for an optional port that is
   * not connected. PONS_ALL: the number of cases that arrived. All PONS_ALL ports of a stage (but those
   * marked PONS_PORT_UNJOINED) hold the same cases in the same order, sorted by case key.
   */
  pons_status (*input_count)(pons_context context, pons_string port, uint64_t *count);

  /*
   * Gives the packet number `index` of an input port; for PONS_ALL ports it may have to be read back from
   * disk. The handle is valid until the call returns, or until packet_release() when that comes earlier: a
   * stage that walks over many cases should release each packet when it is done with it.
   */
  pons_status (*input)(pons_context context, pons_string port, uint64_t index, pons_packet *packet);

  /* Shows what is in a packet. Fill in `view->size` before. */
  pons_status (*packet_view)(pons_packet packet, pons_packet_view *view);

  /*
   * Keeps a packet beyond the end of the call (a model, say). Every retain is matched by one release before
   * the instance is destroyed.
   */
  pons_status (*packet_retain)(pons_packet packet);
  void (*packet_release)(pons_packet packet);

  /* -- Outputs ----------------------------------------------------------------------------------------- */

  /* Answers 1 when somebody reads the output port, 0 when the work for it can be spared. */
  int32_t (*wanted)(pons_context context, pons_string port);

  /* Allocates an output packet. Its memory is not cleared. */
  pons_status (*begin)(pons_context context, const pons_output *output, pons_builder *builder);

  /*
   * Gives the memory of one tensor of an unsealed packet: `tensor->data` may be written until seal().
   * `tensor->shape` stays valid until then.
   */
  pons_status (*builder_tensor)(pons_builder builder, pons_string name, pons_tensor *tensor);

  /*
   * Finishes the packet and sends it. `metadata` and `sidecar` are JSON objects (empty means {}); see
   * pons_packet_view for what belongs where. `shapes` names the tensors that became smaller than asked for.
   * The builder and its memory are gone afterwards, whatever the answer.
   *
   * Packets of kind "files" have no tensors; their metadata is {"files": [{"name": "a.nii.gz"}, ...]}, names
   * relative to the scratch folder. The host adds size and SHA-256, and takes the files.
   */
  pons_status (*seal)(pons_builder builder, pons_string metadata, pons_string sidecar,
                      uint64_t shape_count, const pons_final_shape *const *shapes);

  /* Throws an unsealed packet away. */
  void (*discard)(pons_builder builder);

  /* Sends a packet that came in, as it is, without a copy. `case_key` as in pons_output; only ports with
     PONS_PORT_CASE_KEYS send it under another key than it came with. */
  pons_status (*forward)(pons_context context, pons_string port, pons_string case_key,
                         pons_packet packet);

  /* Records what a filter decides. A dropped case must get no packet on the filter's PONS_PER_CASE ports. */
  pons_status (*verdict)(pons_context context, const pons_verdict *verdict);

  /* -- Sources, in enumerate() only -------------------------------------------------------------------- */

  /* Announces a case. The order does not matter. */
  pons_status (*add_case)(pons_context context, const pons_case *found);

  /* Counts things that are passed over on purpose, by kind: code NOT_NIFTI, text "not a NIfTI file", count 3. */
  pons_status (*skipped)(pons_context context, pons_string code, pons_string text, uint64_t count);

  /* -- Cases by name (1.1) ------------------------------------------------------------------------------ */

  /*
   * Gives the key of the case that a source calls `name`: what add_case() makes of the same name and `flags`
   * (PONS_CASE_PUBLIC_NAME or 0). For stages that are told by people about cases: they have a PONS_PORT_CASE_KEYS port, or a
   * file that a parameter names. Legal in create() too.
   * There need not be such a case. `key` stays valid until the call returns.
   */
  pons_status (*case_key)(pons_context context, pons_string name, uint64_t flags, pons_string *key);

  /* -- Files (1.2) ------------------------------------------------------------------------------------- */

  /*
   * Writes a file that was not there before into the scratch folder: the pieces, one behind the other. `name` has no
   * folders. For files that are sent and that are in memory: their digest is computed while they are written, so that
   * seal() need not read them again. A file that is changed afterwards is read all the same.
   */
  pons_status (*write_file)(pons_context context, pons_string name, uint64_t count,
                            const pons_bytes *pieces);

  /* -- Cases that are absent (1.3) --------------------------------------------------------------------- */

  /* How many cases have no packet at an input port with PONS_PORT_ABSENT, for a reason. 0 when it is not connected. */
  pons_status (*absent_count)(pons_context context, pons_string port, uint64_t *count);

  /*
   * Tells about the absent case number `index`, sorted by case key. Fill in `absence->size` before. Its texts stay valid
   * until the call returns.
   */
  pons_status (*absent)(pons_context context, pons_string port, uint64_t index,
                        pons_absence *absence);

  /* -- Work that takes long (1.4) ---------------------------------------------------------------------- */

  /*
   * A folder for checkpoints. When the call does not come to its end (it is cancelled, its process is killed, the
   * machine stops), the next call with the same inputs and parameters finds the files that are in it; when the call ends
   * well, it is gone. Write each file under another name first and rename it. Whatever is found may be damaged: check it, and begin
   * anew when it is no good. The result must not depend on whether, or how often, the work was interrupted. `path` stays
   * valid until the call returns.
   */
  pons_status (*checkpoints)(pons_context context, pons_string *path);
} pons_host;

/* ------------------------------------------------------------------------------------------------------
 * Descriptors: what a plugin is. All of it lives as long as the process and never changes.
 * --------------------------------------------------------------------------------------------------- */

/* Direction of a port. */
#define PONS_INPUT 0u
#define PONS_OUTPUT 1u

/* Cardinality of an input port. A stage may have EACH or ALL ports, not both; ONCE goes with either. */
#define PONS_EACH 0u /* process() runs once a case and sees that case's packet */
#define PONS_ALL 1u  /* process() runs once, at the end, and sees every case's packet */
#define PONS_ONCE 2u /* a single packet (a model) that is the same in every call */

/* Cardinality of an output port. */
#define PONS_ONE 0u       /* one packet a run */
#define PONS_PER_CASE 1u  /* exactly one packet, or one verdict that drops it, for every case that came in */
#define PONS_NEW_CASES 2u /* any number of packets a call, each a new case */

/* Flags of a port. */
#define PONS_PORT_OPTIONAL 1u     /* input: need not be connected. Output: need not be sealed */
#define PONS_PORT_GROUND_TRUTH 2u /* output: carries ground truth. Input: is allowed to receive it */
#define PONS_PORT_UNJOINED 4u     /* ALL input: holds whatever cases arrive, not matched with other ports */
#define PONS_PORT_ABSENT 8u       /* ALL input (1.3): the stage asks which cases have no packet here, and why. The answer
                                     is part of the call's key */

/* Critical flags of a port. */
#define PONS_PORT_CASE_KEYS 1u /* NEW_CASES output (1.1): `case_key` is the whole key of a case, which other sources may
                                  have too, so that packets meet in a join; not a label */

typedef struct pons_port {
  uint64_t size;
  pons_string name;    /* [a-z][a-z0-9_]* */
  pons_string summary; /* one line */
  pons_string kind;    /* of the packets; "any" on inputs that take everything */
  uint32_t direction;
  uint32_t cardinality;
  uint64_t flags;
  uint64_t critical_flags;
  pons_string dtypes;    /* of the tensor `voxels`, separated by spaces ("uint8 float32"); empty: any */
  pons_string same_grid; /* an input port whose shape [z, y, x] and affine must be equal; may be empty */
} pons_port;

/* Flags of a stage. */
#define PONS_STAGE_DETERMINISTIC 1u /* equal inputs, parameters, seed and threads give equal bytes */
#define PONS_STAGE_GPU 2u           /* can use a GPU */
#define PONS_STAGE_TERMINAL 4u      /* a writer or report: what it makes flows nowhere else, so it may see
                                       ground truth */
#define PONS_STAGE_TRANSIENT 8u     /* making the output again is as cheap as reading it back (a file reader):
                                       do not keep it on disk. Deterministic stages only. */
#define PONS_STAGE_ANY_THREADS 16u  /* results do not depend on the number of threads: each call gets as many as
                                       are free, and threads() may differ from call to call */
#define PONS_STAGE_FOREIGN_BYTES 32u /* (1.5) parses files that somebody else made: runs in a process of its own,
                                       where damaged or hostile ones cost their case, unless a manifest forbids it */

/* Concurrency of a stage. */
#define PONS_PER_PROCESS 0u  /* one call at a time among all instances */
#define PONS_PER_INSTANCE 1u /* one call at a time for each instance */
#define PONS_PARALLEL 2u     /* any number of calls at a time */

typedef struct pons_stage {
  uint64_t size;
  pons_string id;      /* "nifti.read", or reverse DNS for others: "org.example.filter" */
  pons_string version; /* of the stage's results; change it whenever results change */
  pons_string summary; /* one line */
  uint64_t port_count;
  const pons_port *const *ports;
  /*
   * A JSON Schema (subset) of the parameters: {"type": "object", "properties": {NAME: {...}}, "required": [...]}.
   * A property has "type" (string, integer, number, boolean, array, object), "description", and where it
   * makes sense "default", "minimum", "maximum", "enum", "items", "unit" ("mm"), "format" ("path"), and
   * "affects_result" (default true; false keeps it out of cache keys). Of a path the place does not matter: what counts
   * is the content of the file (1.1), and for sources what add_case() names.
   */
  pons_string parameters;
  uint64_t flags;
  uint64_t critical_flags;
  uint32_t concurrency;
  uint32_t reserved; /* 0 */

  /*
   * [worker] Makes an instance. `stage` is this descriptor, so that one function can serve several stages.
   * `parameters` is a JSON object that fits the schema, defaults filled in. *instance is handed to every later
   * call and may be NULL.
   */
  pons_status (*create)(const struct pons_stage *stage, pons_context context, pons_string parameters,
                        void **instance);

  /* [worker] Ends an instance. No call of it is running and none will come. Cannot fail. */
  void (*destroy)(void *instance);

  /* [worker] Does the work: takes inputs, sends outputs. NULL for sources. */
  pons_status (*process)(void *instance, pons_context context);

  /* [worker] Sources: announces every case. Must be quick: names and sizes, not voxels. Else NULL. */
  pons_status (*enumerate)(void *instance, pons_context context);

  /*
   * [worker] Sources: sends the packets of one case; `name` is what add_case() was given. Calls may come for some of
   * the cases only, in any order, and more than once for a case. Else NULL.
   */
  pons_status (*read)(void *instance, pons_context context, pons_string name);
} pons_stage;

typedef struct pons_plugin {
  uint64_t size;
  uint32_t abi_minor; /* PONS_ABI_MINOR of the header that the plugin was compiled with */
  uint32_t reserved;  /* 0 */
  pons_string name;
  pons_string version;
  pons_string build; /* which build this is: a commit, a date; for people. May be empty */
  uint64_t stage_count;
  const pons_stage *const *stages;
  uint64_t critical_flags; /* none are defined in 1.0 */

  /* Host extensions without which the plugin cannot work. The host refuses it when one is missing. */
  uint64_t required_extension_count;
  const pons_string *required_extensions;

  /*
   * [main] Before anything is created. `host` is valid until the matching deinit. There is no context yet: an
   * error is described with host->fail(0, error). After any answer but PONS_OK there is no deinit.
   */
  pons_status (*init)(const pons_host *host);

  /* [main] After every instance was destroyed. */
  void (*deinit)(void);

  /* Any thread, after init: an optional, revisioned interface of the plugin ("pons.preview/1"), or NULL. */
  const void *(*extension)(pons_string id);
} pons_plugin;

/*
 * The plugin's extension "pons.libraries/1": libraries whose version or kind changes results, so that stored results are
 * not used again after one of them was exchanged, and people see which ones are really in use.
 */
#define PONS_EXTENSION_LIBRARIES "pons.libraries/1"
typedef struct pons_libraries {
  uint64_t size;
  /*
   * Any thread, also before init. A JSON array of objects with the strings "name", "version", "detail" (what else
   * changes results: an instruction set, a kernel) and "warning" (for people; may be empty). Lives as long as the
   * process.
   */
  pons_string (*describe)(void);
} pons_libraries;

/*
 * The one symbol that a plugin exports. Answers NULL when the plugin cannot run here at all. Any thread.
 */
PONS_EXPORT const pons_plugin *pons_entry_v1(void);

typedef const pons_plugin *(*pons_entry_function)(void);
#define PONS_ENTRY_SYMBOL "pons_entry_v1"

#ifdef __cplusplus
}
#endif

#endif /* PONS_H */
