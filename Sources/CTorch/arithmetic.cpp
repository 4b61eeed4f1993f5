// pons_torch_arithmetic.h.
// SPDX-License-Identifier: Apache-2.0
#include "pons_torch_arithmetic.h"

#include "guarded.hpp"

#include <cmath>

using namespace pons;

pons_torch_result pons_torch_unary(int32_t operation, pons_torch *x, pons_torch **out) {
  return produce(out, [&]() -> at::Tensor {
    const at::Tensor &t = x->tensor;
    switch (operation) {
    case PONS_TORCH_NEGATIVE: return at::neg(t);
    case PONS_TORCH_ABSOLUTE: return at::abs(t);
    case PONS_TORCH_EXP: return at::exp(t);
    case PONS_TORCH_LOG: return at::log(t);
    case PONS_TORCH_SQRT: return at::sqrt(t);
    case PONS_TORCH_RSQRT: return at::rsqrt(t);
    case PONS_TORCH_SIN: return at::sin(t);
    case PONS_TORCH_COS: return at::cos(t);
    case PONS_TORCH_TANH: return at::tanh(t);
    case PONS_TORCH_SIGMOID: return at::sigmoid(t);
    case PONS_TORCH_RELU: return at::relu(t);
    case PONS_TORCH_GELU: return at::gelu(t, "none");
    case PONS_TORCH_GELU_TANH: return at::gelu(t, "tanh");
    case PONS_TORCH_SILU: return at::silu(t);
    case PONS_TORCH_ROUND: return at::round(t);
    case PONS_TORCH_FLOOR: return at::floor(t);
    case PONS_TORCH_LOGICAL_NOT: return at::logical_not(t);
    default: unknown("function", operation);
    }
  });
}

pons_torch_result pons_torch_unary_(int32_t operation, pons_torch *x) {
  return guarded([&] {
    at::Tensor &t = x->tensor;
    switch (operation) {
    case PONS_TORCH_NEGATIVE: t.neg_(); break;
    case PONS_TORCH_ABSOLUTE: t.abs_(); break;
    case PONS_TORCH_EXP: t.exp_(); break;
    case PONS_TORCH_LOG: t.log_(); break;
    case PONS_TORCH_SQRT: t.sqrt_(); break;
    case PONS_TORCH_RSQRT: t.rsqrt_(); break;
    case PONS_TORCH_SIN: t.sin_(); break;
    case PONS_TORCH_COS: t.cos_(); break;
    case PONS_TORCH_TANH: t.tanh_(); break;
    case PONS_TORCH_SIGMOID: t.sigmoid_(); break;
    case PONS_TORCH_RELU: t.relu_(); break;
    case PONS_TORCH_GELU: at::gelu_(t, "none"); break;
    case PONS_TORCH_GELU_TANH: at::gelu_(t, "tanh"); break;
    case PONS_TORCH_SILU: at::silu_(t); break;
    case PONS_TORCH_ROUND: t.round_(); break;
    case PONS_TORCH_FLOOR: t.floor_(); break;
    case PONS_TORCH_LOGICAL_NOT: t.logical_not_(); break;
    default: unknown("function", operation);
    }
  });
}

pons_torch_result pons_torch_leaky_relu(pons_torch *x, double slope, pons_torch **out) {
  return produce(out, [&] { return at::leaky_relu(x->tensor, slope); });
}

// One list of operations for both kinds of right-hand sides, at::Tensor and at::Scalar.
template <class Right> static at::Tensor binary(int32_t operation, const at::Tensor &x, const Right &y) {
  switch (operation) {
  case PONS_TORCH_ADD: return at::add(x, y);
  case PONS_TORCH_SUBTRACT: return at::sub(x, y);
  case PONS_TORCH_MULTIPLY: return at::mul(x, y);
  case PONS_TORCH_DIVIDE: return at::div(x, y);
  case PONS_TORCH_POWER: return at::pow(x, y);
  case PONS_TORCH_EQUAL: return at::eq(x, y);
  case PONS_TORCH_NOT_EQUAL: return at::ne(x, y);
  case PONS_TORCH_LESS: return at::lt(x, y);
  case PONS_TORCH_LESS_EQUAL: return at::le(x, y);
  case PONS_TORCH_GREATER: return at::gt(x, y);
  case PONS_TORCH_GREATER_EQUAL: return at::ge(x, y);
  default: unknown("function of two tensors", operation);
  }
}

template <class Right> static void binaryInPlace(int32_t operation, at::Tensor &x, const Right &y) {
  switch (operation) {
  case PONS_TORCH_ADD: x.add_(y); break;
  case PONS_TORCH_SUBTRACT: x.sub_(y); break;
  case PONS_TORCH_MULTIPLY: x.mul_(y); break;
  case PONS_TORCH_DIVIDE: x.div_(y); break;
  default: unknown("function of two tensors in place", operation);
  }
}

pons_torch_result pons_torch_binary(int32_t operation, pons_torch *x, pons_torch *y, pons_torch **out) {
  return produce(out, [&]() -> at::Tensor {
    switch (operation) {
    case PONS_TORCH_MAXIMUM: return at::maximum(x->tensor, y->tensor);
    case PONS_TORCH_MINIMUM: return at::minimum(x->tensor, y->tensor);
    case PONS_TORCH_AND: return at::logical_and(x->tensor, y->tensor);
    case PONS_TORCH_OR: return at::logical_or(x->tensor, y->tensor);
    default: return binary(operation, x->tensor, y->tensor);
    }
  });
}

// A whole number stays one, so that integers do not become floats.
static at::Scalar scalar(double value) {
  bool isWhole = std::nearbyint(value) == value && std::abs(value) < 9e15;
  return isWhole ? at::Scalar(static_cast<int64_t>(value)) : at::Scalar(value);
}

pons_torch_result pons_torch_binary_scalar(int32_t operation, pons_torch *x, double y, pons_torch **out) {
  return produce(out, [&] { return binary(operation, x->tensor, scalar(y)); });
}

pons_torch_result pons_torch_binary_(int32_t operation, pons_torch *x, pons_torch *y) {
  return guarded([&] { binaryInPlace(operation, x->tensor, y->tensor); });
}

pons_torch_result pons_torch_binary_scalar_(int32_t operation, pons_torch *x, double y) {
  return guarded([&] { binaryInPlace(operation, x->tensor, scalar(y)); });
}

pons_torch_result pons_torch_add_scaled_(pons_torch *x, pons_torch *y, double scale) {
  return guarded([&] { x->tensor.add_(y->tensor, scale); });
}

pons_torch_result pons_torch_add_product_(pons_torch *x, pons_torch *y, pons_torch *z, double scale) {
  return guarded([&] { x->tensor.addcmul_(y->tensor, z->tensor, scale); });
}

pons_torch_result pons_torch_add_quotient_(pons_torch *x, pons_torch *y, pons_torch *z, double scale) {
  return guarded([&] { x->tensor.addcdiv_(y->tensor, z->tensor, scale); });
}

pons_torch_result pons_torch_lerp_(pons_torch *x, pons_torch *y, double weight) {
  return guarded([&] { x->tensor.lerp_(y->tensor, at::Scalar(weight)); });
}

pons_torch_result pons_torch_fill_(pons_torch *x, double value) {
  return guarded([&] { x->tensor.fill_(value); });
}

pons_torch_result pons_torch_clamp(pons_torch *x, double low, double high, pons_torch **out) {
  return produce(out, [&] {
    c10::optional<at::Scalar> least, most;
    if (!std::isnan(low)) least = at::Scalar(low);
    if (!std::isnan(high)) most = at::Scalar(high);
    return at::clamp(x->tensor, least, most);
  });
}

pons_torch_result pons_torch_where(pons_torch *condition, pons_torch *x, pons_torch *y, pons_torch **out) {
  return produce(out, [&] { return at::where(condition->tensor, x->tensor, y->tensor); });
}

pons_torch_result pons_torch_matmul(pons_torch *x, pons_torch *y, pons_torch **out) {
  return produce(out, [&] { return at::matmul(x->tensor, y->tensor); });
}

pons_torch_result pons_torch_baddbmm(pons_torch *c, pons_torch *x, pons_torch *y, double beta, double alpha,
                                     pons_torch **out) {
  return produce(out, [&] { return at::baddbmm(c->tensor, x->tensor, y->tensor, beta, alpha); });
}

pons_torch_result pons_torch_reduce(int32_t operation, pons_torch *x, pons_torch_numbers axes, int32_t keep,
                                    pons_torch **out) {
  return produce(out, [&]() -> at::Tensor {
    const at::Tensor &t = x->tensor;
    std::vector<int64_t> all(static_cast<size_t>(t.dim()));
    for (size_t i = 0; i < all.size(); i++) all[i] = static_cast<int64_t>(i);
    at::IntArrayRef over = axes.count == 0 ? at::IntArrayRef(all) : numbers(axes);
    switch (operation) {
    case PONS_TORCH_SUM: return at::sum(t, over, keep != 0);
    case PONS_TORCH_MEAN: return at::mean(t, over, keep != 0);
    case PONS_TORCH_LARGEST: return at::amax(t, over, keep != 0);
    case PONS_TORCH_SMALLEST: return at::amin(t, over, keep != 0);
    case PONS_TORCH_VARIANCE: return at::var(t, over, /*unbiased=*/false, keep != 0);
    case PONS_TORCH_ANY:
    case PONS_TORCH_ALL: {
      bool any = operation == PONS_TORCH_ANY;
      if (axes.count == 0) return any ? at::any(t) : at::all(t);
      if (axes.count != 1) throw std::invalid_argument("any and all take one axis, or none for all");
      return any ? at::any(t, over[0], keep != 0) : at::all(t, over[0], keep != 0);
    }
    default: unknown("function over axes", operation);
    }
  });
}

pons_torch_result pons_torch_argmax(pons_torch *x, int64_t axis, int32_t keep, pons_torch **out) {
  return produce(out, [&] { return at::argmax(x->tensor, axis, keep != 0); });
}

pons_torch_result pons_torch_norm(pons_torch *x, pons_torch_numbers axes, int32_t keep, pons_torch **out) {
  return produce(out, [&] {
    return axes.count == 0 ? at::linalg_vector_norm(x->tensor)
                           : at::linalg_vector_norm(x->tensor, 2, numbers(axes), keep != 0);
  });
}

pons_torch_result pons_torch_softmax(pons_torch *x, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return at::softmax(x->tensor, axis); });
}

pons_torch_result pons_torch_log_softmax(pons_torch *x, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return at::log_softmax(x->tensor, axis); });
}

pons_torch_result pons_torch_cumulative_sum(pons_torch *x, int64_t axis, pons_torch **out) {
  return produce(out, [&] { return at::cumsum(x->tensor, axis); });
}
