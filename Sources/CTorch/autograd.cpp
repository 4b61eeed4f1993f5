// pons_torch_autograd.h.
// SPDX-License-Identifier: Apache-2.0
#include "pons_torch_autograd.h"

#include "guarded.hpp"

#include <torch/csrc/autograd/autograd.h>

using namespace pons;

int32_t pons_torch_requires_grad(pons_torch *tensor) { return tensor->tensor.requires_grad(); }

pons_torch_result pons_torch_set_requires_grad_(pons_torch *tensor, int32_t wanted) {
  return guarded([&] { tensor->tensor.set_requires_grad(wanted != 0); });
}

pons_torch_result pons_torch_detach(pons_torch *tensor, pons_torch **out) {
  return produce(out, [&] { return tensor->tensor.detach(); });
}

pons_torch_result pons_torch_backward(pons_torch *scalar) {
  return guarded([&] { torch::autograd::backward({scalar->tensor}, {}); });
}

pons_torch_result pons_torch_grad(pons_torch *tensor, pons_torch **out) {
  return guarded([&] {
    const at::Tensor &gradient = tensor->tensor.grad();
    *out = gradient.defined() ? new pons_torch{gradient} : nullptr;
  });
}

pons_torch_result pons_torch_set_grad_(pons_torch *tensor, pons_torch *gradient) {
  return guarded([&] {
    tensor->tensor.mutable_grad() = gradient == nullptr ? at::Tensor() : gradient->tensor;
  });
}

pons_torch_result pons_torch_gradients(pons_torch *scalar, pons_torch_list inputs, int32_t keep_graph,
                                       pons_torch **out) {
  return guarded([&] {
    auto gradients = torch::autograd::grad({scalar->tensor}, tensors(inputs), {}, keep_graph != 0,
                                           /*create_graph=*/false, /*allow_unused=*/true);
    for (size_t i = 0; i < gradients.size(); i++) out[i] = nullptr;
    for (size_t i = 0; i < gradients.size(); i++)
      if (gradients[i].defined()) out[i] = new pons_torch{gradients[i]};
  });
}

int32_t pons_torch_set_recording(int32_t wanted) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(wanted != 0);
  return before;
}
