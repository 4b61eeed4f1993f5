/*
 * Pins the layout of every struct of pons.h for 64-bit platforms: a change that moves a field does not compile.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A struct may grow at its end: then its SIZE line and new FIELD lines change, and no other line.
 */
#include "layout.h"

#include <dlpack/dlpack.h>
#include <pons.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define FIELD(type, name, offset, bytes)                                                     \
  _Static_assert(offsetof(type, name) == (offset) && sizeof(((type *)0)->name) == (bytes), \
                 #type "." #name)

SIZE(pons_string, 16);
FIELD(pons_string, data, 0, 8);
FIELD(pons_string, length, 8, 8);

SIZE(pons_bytes, 16);
FIELD(pons_bytes, data, 0, 8);
FIELD(pons_bytes, size, 8, 8);

SIZE(pons_tensor, 48);
FIELD(pons_tensor, data, 0, 8);
FIELD(pons_tensor, device_type, 8, 4);
FIELD(pons_tensor, device_id, 12, 4);
FIELD(pons_tensor, ndim, 16, 4);
FIELD(pons_tensor, code, 20, 1);
FIELD(pons_tensor, bits, 21, 1);
FIELD(pons_tensor, lanes, 22, 2);
FIELD(pons_tensor, shape, 24, 8);
FIELD(pons_tensor, strides, 32, 8);
FIELD(pons_tensor, byte_offset, 40, 8);

SIZE(pons_named_tensor, 32);
FIELD(pons_named_tensor, size, 0, 8);
FIELD(pons_named_tensor, name, 8, 16);
FIELD(pons_named_tensor, tensor, 24, 8);

SIZE(pons_packet_view, 88);
FIELD(pons_packet_view, size, 0, 8);
FIELD(pons_packet_view, kind, 8, 16);
FIELD(pons_packet_view, case_key, 24, 16);
FIELD(pons_packet_view, tensor_count, 40, 8);
FIELD(pons_packet_view, tensors, 48, 8);
FIELD(pons_packet_view, metadata, 56, 16);
FIELD(pons_packet_view, sidecar, 72, 16);

SIZE(pons_tensor_request, 40);
FIELD(pons_tensor_request, size, 0, 8);
FIELD(pons_tensor_request, name, 8, 16);
FIELD(pons_tensor_request, code, 24, 1);
FIELD(pons_tensor_request, bits, 25, 1);
FIELD(pons_tensor_request, reserved, 26, 2);
FIELD(pons_tensor_request, ndim, 28, 4);
FIELD(pons_tensor_request, shape, 32, 8);

SIZE(pons_output, 56);
FIELD(pons_output, size, 0, 8);
FIELD(pons_output, port, 8, 16);
FIELD(pons_output, case_key, 24, 16);
FIELD(pons_output, tensor_count, 40, 8);
FIELD(pons_output, tensors, 48, 8);

SIZE(pons_final_shape, 40);
FIELD(pons_final_shape, size, 0, 8);
FIELD(pons_final_shape, name, 8, 16);
FIELD(pons_final_shape, ndim, 24, 4);
FIELD(pons_final_shape, reserved, 28, 4);
FIELD(pons_final_shape, shape, 32, 8);

SIZE(pons_error, 96);
FIELD(pons_error, size, 0, 8);
FIELD(pons_error, status, 8, 4);
FIELD(pons_error, reserved, 12, 4);
FIELD(pons_error, code, 16, 16);
FIELD(pons_error, message, 32, 16);
FIELD(pons_error, hint, 48, 16);
FIELD(pons_error, parameter, 64, 16);
FIELD(pons_error, port, 80, 16);

SIZE(pons_verdict, 64);
FIELD(pons_verdict, size, 0, 8);
FIELD(pons_verdict, case_key, 8, 16);
FIELD(pons_verdict, decision, 24, 4);
FIELD(pons_verdict, reserved, 28, 4);
FIELD(pons_verdict, score, 32, 8);
FIELD(pons_verdict, rank, 40, 8);
FIELD(pons_verdict, reason, 48, 16);

SIZE(pons_case, 80);
FIELD(pons_case, size, 0, 8);
FIELD(pons_case, name, 8, 16);
FIELD(pons_case, flags, 24, 8);
FIELD(pons_case, file_count, 32, 8);
FIELD(pons_case, files, 40, 8);
FIELD(pons_case, fingerprint, 48, 16);
FIELD(pons_case, about, 64, 16);

SIZE(pons_absence, 96);
FIELD(pons_absence, size, 0, 8);
FIELD(pons_absence, case_key, 8, 16);
FIELD(pons_absence, fate, 24, 4);
FIELD(pons_absence, reserved, 28, 4);
FIELD(pons_absence, stage, 32, 16);
FIELD(pons_absence, code, 48, 16);
FIELD(pons_absence, reason, 64, 16);
FIELD(pons_absence, score, 80, 8);
FIELD(pons_absence, rank, 88, 8);

SIZE(pons_host, 264);
FIELD(pons_host, size, 0, 8);
FIELD(pons_host, abi_minor, 8, 4);
FIELD(pons_host, reserved, 12, 4);
FIELD(pons_host, name, 16, 16);
FIELD(pons_host, version, 32, 16);
FIELD(pons_host, extension, 48, 8);
FIELD(pons_host, fail, 56, 8);
FIELD(pons_host, log, 64, 8);
FIELD(pons_host, progress, 72, 8);
FIELD(pons_host, cancelled, 80, 8);
FIELD(pons_host, seed, 88, 8);
FIELD(pons_host, threads, 96, 8);
FIELD(pons_host, scratch, 104, 8);
FIELD(pons_host, input_count, 112, 8);
FIELD(pons_host, input, 120, 8);
FIELD(pons_host, packet_view, 128, 8);
FIELD(pons_host, packet_retain, 136, 8);
FIELD(pons_host, packet_release, 144, 8);
FIELD(pons_host, wanted, 152, 8);
FIELD(pons_host, begin, 160, 8);
FIELD(pons_host, builder_tensor, 168, 8);
FIELD(pons_host, seal, 176, 8);
FIELD(pons_host, discard, 184, 8);
FIELD(pons_host, forward, 192, 8);
FIELD(pons_host, verdict, 200, 8);
FIELD(pons_host, add_case, 208, 8);
FIELD(pons_host, skipped, 216, 8);
FIELD(pons_host, case_key, 224, 8);
FIELD(pons_host, write_file, 232, 8);
FIELD(pons_host, absent_count, 240, 8);
FIELD(pons_host, absent, 248, 8);
FIELD(pons_host, checkpoints, 256, 8);

SIZE(pons_port, 112);
FIELD(pons_port, size, 0, 8);
FIELD(pons_port, name, 8, 16);
FIELD(pons_port, summary, 24, 16);
FIELD(pons_port, kind, 40, 16);
FIELD(pons_port, direction, 56, 4);
FIELD(pons_port, cardinality, 60, 4);
FIELD(pons_port, flags, 64, 8);
FIELD(pons_port, critical_flags, 72, 8);
FIELD(pons_port, dtypes, 80, 16);
FIELD(pons_port, same_grid, 96, 16);

SIZE(pons_stage, 152);
FIELD(pons_stage, size, 0, 8);
FIELD(pons_stage, id, 8, 16);
FIELD(pons_stage, version, 24, 16);
FIELD(pons_stage, summary, 40, 16);
FIELD(pons_stage, port_count, 56, 8);
FIELD(pons_stage, ports, 64, 8);
FIELD(pons_stage, parameters, 72, 16);
FIELD(pons_stage, flags, 88, 8);
FIELD(pons_stage, critical_flags, 96, 8);
FIELD(pons_stage, concurrency, 104, 4);
FIELD(pons_stage, reserved, 108, 4);
FIELD(pons_stage, create, 112, 8);
FIELD(pons_stage, destroy, 120, 8);
FIELD(pons_stage, process, 128, 8);
FIELD(pons_stage, enumerate, 136, 8);
FIELD(pons_stage, read, 144, 8);

SIZE(pons_plugin, 128);
FIELD(pons_plugin, size, 0, 8);
FIELD(pons_plugin, abi_minor, 8, 4);
FIELD(pons_plugin, reserved, 12, 4);
FIELD(pons_plugin, name, 16, 16);
FIELD(pons_plugin, version, 32, 16);
FIELD(pons_plugin, build, 48, 16);
FIELD(pons_plugin, stage_count, 64, 8);
FIELD(pons_plugin, stages, 72, 8);
FIELD(pons_plugin, critical_flags, 80, 8);
FIELD(pons_plugin, required_extension_count, 88, 8);
FIELD(pons_plugin, required_extensions, 96, 8);
FIELD(pons_plugin, init, 104, 8);
FIELD(pons_plugin, deinit, 112, 8);
FIELD(pons_plugin, extension, 120, 8);

/* pons_tensor is DLTensor, field by field. */
#define SAME(field, theirs)                                                      \
  _Static_assert(offsetof(pons_tensor, field) == offsetof(DLTensor, theirs) &&   \
                     sizeof(((pons_tensor *)0)->field) == sizeof(((DLTensor *)0)->theirs), \
                 "DLTensor." #theirs)

_Static_assert(sizeof(pons_tensor) == sizeof(DLTensor), "DLTensor");
_Static_assert(_Alignof(pons_tensor) == _Alignof(DLTensor), "DLTensor");
SAME(data, data);
SAME(device_type, device.device_type);
SAME(device_id, device.device_id);
SAME(ndim, ndim);
SAME(code, dtype.code);
SAME(bits, dtype.bits);
SAME(lanes, dtype.lanes);
SAME(shape, shape);
SAME(strides, strides);
SAME(byte_offset, byte_offset);
_Static_assert(PONS_INT == kDLInt && PONS_UINT == kDLUInt && PONS_FLOAT == kDLFloat &&
                   PONS_BFLOAT == kDLBfloat,
               "type codes");
_Static_assert(kDLCPU == 1, "device type");

uint64_t pons_layout_checked_structs(void) { return 16; }
