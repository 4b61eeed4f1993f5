// pons_torch_layers.h.
// SPDX-License-Identifier: Apache-2.0
#include "pons_torch_layers.h"

#include "guarded.hpp"

using namespace pons;

pons_torch_result pons_torch_linear(pons_torch *x, pons_torch *weight, pons_torch *bias, pons_torch **out) {
  return produce(out, [&] { return at::linear(x->tensor, weight->tensor, maybe(bias)); });
}

pons_torch_result pons_torch_convolution(pons_torch *x, pons_torch *weight, pons_torch *bias,
                                         pons_torch_numbers stride, pons_torch_numbers padding,
                                         pons_torch_numbers dilation, int32_t transposed,
                                         pons_torch_numbers output_padding, int64_t groups, pons_torch **out) {
  return produce(out, [&] {
    return at::convolution(x->tensor, weight->tensor, maybe(bias), numbers(stride), numbers(padding),
                           numbers(dilation), transposed != 0, numbers(output_padding), groups);
  });
}

pons_torch_result pons_torch_batch_norm(pons_torch *x, pons_torch *weight, pons_torch *bias, pons_torch *mean,
                                        pons_torch *variance, int32_t training, double momentum, double eps,
                                        pons_torch **out) {
  return produce(out, [&] {
    return at::batch_norm(x->tensor, maybe(weight), maybe(bias), maybe(mean), maybe(variance), training != 0,
                          momentum, eps, /*cudnn_enabled=*/true);
  });
}

pons_torch_result pons_torch_layer_norm(pons_torch *x, pons_torch_numbers shape, pons_torch *weight,
                                        pons_torch *bias, double eps, pons_torch **out) {
  return produce(out, [&] {
    return at::layer_norm(x->tensor, numbers(shape), maybe(weight), maybe(bias), eps);
  });
}

pons_torch_result pons_torch_instance_norm(pons_torch *x, pons_torch *weight, pons_torch *bias, double eps,
                                           pons_torch **out) {
  return produce(out, [&] {
    return at::instance_norm(x->tensor, maybe(weight), maybe(bias), {}, {}, /*use_input_stats=*/true, 0.1, eps,
                             /*cudnn_enabled=*/true);
  });
}

pons_torch_result pons_torch_group_norm(pons_torch *x, int64_t groups, pons_torch *weight, pons_torch *bias,
                                        double eps, pons_torch **out) {
  return produce(out, [&] { return at::group_norm(x->tensor, groups, maybe(weight), maybe(bias), eps); });
}

pons_torch_result pons_torch_embedding(pons_torch *weight, pons_torch *indices, pons_torch **out) {
  return produce(out, [&] { return at::embedding(weight->tensor, indices->tensor); });
}

pons_torch_result pons_torch_attention(pons_torch *q, pons_torch *k, pons_torch *v, pons_torch *bias, double scale,
                                       pons_torch **out) {
  return produce(out, [&] {
    // The scores are the largest tensor of a transformer: each step works in place where nothing has to be kept for
    // derivatives.
    at::Tensor scores = at::matmul(q->tensor * scale, k->tensor.transpose(-2, -1));
    if (scores.requires_grad()) {
      if (bias != nullptr) scores = scores + bias->tensor;
      return at::matmul(at::softmax(scores, -1), v->tensor);
    }
    if (bias != nullptr) scores.add_(bias->tensor);
    at::softmax_out(scores, scores, -1);
    return at::matmul(scores, v->tensor);
  });
}

pons_torch_result pons_torch_upsample(pons_torch *x, pons_torch_numbers size, int32_t mode, int32_t align_corners,
                                      int32_t antialias, pons_torch **out) {
  return produce(out, [&]() -> at::Tensor {
    const at::Tensor &t = x->tensor;
    at::IntArrayRef shape = numbers(size);
    bool corners = align_corners != 0;
    if (t.dim() != size.count + 2)
      throw std::invalid_argument("upsample needs a size for each axis after the channels");
    if (antialias != 0) {
      if (size.count == 2 && mode == PONS_TORCH_LINEAR) return at::_upsample_bilinear2d_aa(t, shape, corners);
      if (size.count == 2 && mode == PONS_TORCH_BICUBIC) return at::_upsample_bicubic2d_aa(t, shape, corners);
      throw std::invalid_argument("antialias is for bilinear and bicubic upsampling");
    }
    switch (mode) {
    case PONS_TORCH_NEAREST:
      if (size.count == 1) return at::upsample_nearest1d(t, shape);
      if (size.count == 2) return at::upsample_nearest2d(t, shape);
      if (size.count == 3) return at::upsample_nearest3d(t, shape);
      break;
    case PONS_TORCH_LINEAR:
      if (size.count == 1) return at::upsample_linear1d(t, shape, corners);
      if (size.count == 2) return at::upsample_bilinear2d(t, shape, corners);
      if (size.count == 3) return at::upsample_trilinear3d(t, shape, corners);
      break;
    case PONS_TORCH_BICUBIC:
      if (size.count == 2) return at::upsample_bicubic2d(t, shape, corners);
      break;
    default: unknown("upsampling", mode);
    }
    throw std::invalid_argument("this upsampling is not for " + std::to_string(size.count) + " axes");
  });
}

pons_torch_result pons_torch_max_pool(pons_torch *x, pons_torch_numbers kernel, pons_torch_numbers stride,
                                      pons_torch_numbers padding, pons_torch **out) {
  return produce(out, [&]() -> at::Tensor {
    switch (kernel.count) {
    case 2: return at::max_pool2d(x->tensor, numbers(kernel), numbers(stride), numbers(padding));
    case 3: return at::max_pool3d(x->tensor, numbers(kernel), numbers(stride), numbers(padding));
    default: throw std::invalid_argument("max_pool is for two or three axes");
    }
  });
}

pons_torch_result pons_torch_average_pool(pons_torch *x, pons_torch_numbers kernel, pons_torch_numbers stride,
                                          pons_torch_numbers padding, pons_torch **out) {
  return produce(out, [&]() -> at::Tensor {
    switch (kernel.count) {
    case 2: return at::avg_pool2d(x->tensor, numbers(kernel), numbers(stride), numbers(padding));
    case 3: return at::avg_pool3d(x->tensor, numbers(kernel), numbers(stride), numbers(padding));
    default: throw std::invalid_argument("average_pool is for two or three axes");
    }
  });
}

pons_torch_result pons_torch_cross_entropy(pons_torch *logits, pons_torch *classes, pons_torch *weight,
                                           int64_t ignored, double smoothing, pons_torch **out) {
  return produce(out, [&] {
    return at::cross_entropy_loss(logits->tensor, classes->tensor, maybe(weight), at::Reduction::Mean, ignored,
                                  smoothing);
  });
}

pons_torch_result pons_torch_binary_cross_entropy(pons_torch *logits, pons_torch *targets, pons_torch **out) {
  return produce(out, [&] {
    return at::binary_cross_entropy_with_logits(logits->tensor, targets->tensor, {}, {}, at::Reduction::Mean);
  });
}
