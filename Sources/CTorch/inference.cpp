// pons_torch_inference.h.
// SPDX-License-Identifier: Apache-2.0
#include "pons_torch_inference.h"

#include "guarded.hpp"
#include "parallel.hpp"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <vector>

using namespace pons;

// Loops are compiled twice, and the machine takes those that it has the instructions for. What they call is inlined, or it
// would be compiled for the oldest machine only.
#if defined(__x86_64__)
#define PONS_CLONED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define PONS_CLONED
#endif
#define PONS_INLINE static inline __attribute__((always_inline))

namespace {

// Eight floats at any address.
typedef float Lanes __attribute__((vector_size(32), aligned(4)));
constexpr int64_t lanes = 8;

// exp(x) for x <= 0, to 2e-7 of it: 2^n * exp(r) with |r| <= ln(2) / 2 and Taylor's polynomial.
PONS_INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  // Adding 1.5 * 2^23 rounds to a whole number, which then is in the low bits.
  float shifted = x * 1.44269504f + 12582912.0f;
  float n = shifted - 12582912.0f;
  float r = x - n * 0.693145752f - n * 1.42860677e-6f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits = (__builtin_bit_cast(int32_t, shifted) - 0x4b400000 + 127) << 23;
  return p * __builtin_bit_cast(float, bits);
}

// x / 2 * (1 + erf(x / sqrt(2))), with erf to 3e-7. Source: Abramowitz and Stegun, 1964, 7.1.28.
PONS_INLINE float gelu(float x) {
  float z = __builtin_fabsf(x) * 0.707106781f;
  float p = 0.0000430638f;
  p = p * z + 0.0002765672f;
  p = p * z + 0.0001520143f;
  p = p * z + 0.0092705272f;
  p = p * z + 0.0422820123f;
  p = p * z + 0.0705230784f;
  p = p * z + 1.0f;
  p *= p;
  p *= p;
  p *= p;
  p *= p;
  float tail = 1.0f / p; // 1 - erf(z); far out p is infinite
  return 0.5f * x * (x >= 0 ? 2.0f - tail : tail);
}

PONS_CLONED void geluRow(float *x, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = gelu(x[i]);
}

PONS_CLONED void biasGeluRow(float *x, const float *bias, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = gelu(x[i] + bias[i]);
}

// One pixel of a depthwise convolution: nine pixels of the input, each times its weights.
PONS_CLONED void depthwisePixel(const float *const *in, const float *weight, const float *bias, int64_t c, float *out) {
  const float *a = in[0], *b = in[1], *d = in[2], *e = in[3], *f = in[4], *g = in[5], *h = in[6], *i = in[7],
              *j = in[8];
  for (int64_t k = 0; k < c; k++) {
    const float *w = weight + k;
    float sum = bias[k];
    sum += a[k] * w[0];
    sum += b[k] * w[c];
    sum += d[k] * w[2 * c];
    sum += e[k] * w[3 * c];
    sum += f[k] * w[4 * c];
    sum += g[k] * w[5 * c];
    sum += h[k] * w[6 * c];
    sum += i[k] * w[7 * c];
    sum += j[k] * w[8 * c];
    out[k] = sum;
  }
}

// c [4, 16] = a [4, k] b [k, 16], each with its stride.
PONS_INLINE void product(const float *a, int64_t strideA, const float *b, int64_t strideB, int64_t k, float *c,
                         int64_t strideC) {
  Lanes sums[4][2] = {};
  for (int64_t i = 0; i < k; i++) {
    const Lanes *row = reinterpret_cast<const Lanes *>(b + i * strideB);
    Lanes left = row[0], right = row[1];
    for (int r = 0; r < 4; r++) {
      float value = a[r * strideA + i];
      sums[r][0] += value * left;
      sums[r][1] += value * right;
    }
  }
  for (int r = 0; r < 4; r++) {
    Lanes *row = reinterpret_cast<Lanes *>(c + r * strideC);
    row[0] = sums[r][0];
    row[1] = sums[r][1];
  }
}

// One window of one head.
struct Window {
  int64_t positions; // of the window
  int64_t padded;    // positions, up to a multiple of 16
  int64_t d;
  int64_t paddedD;
  float *q;      // [padded, d], scaled
  float *k;      // [d, padded]
  float *v;      // [padded, paddedD]
  float *scores; // [4, padded]
  float *out;    // [padded, paddedD]
};

// exp(row + bias - largest) and the sum of it; what is beyond `count` becomes 0.
PONS_INLINE float exponentials(float *row, const float *bias, int64_t count, int64_t padded) {
  float largest[lanes];
  std::fill(largest, largest + lanes, -INFINITY);
  int64_t whole = count / lanes * lanes;
  for (int64_t i = 0; i < count; i++) row[i] += bias[i];
  for (int64_t i = 0; i < whole; i += lanes)
    for (int64_t l = 0; l < lanes; l++) largest[l] = row[i + l] > largest[l] ? row[i + l] : largest[l];
  float top = largest[0];
  for (int64_t l = 1; l < lanes; l++) top = std::max(top, largest[l]);
  for (int64_t i = whole; i < count; i++) top = std::max(top, row[i]);
  for (int64_t i = 0; i < count; i++) row[i] = exponential(row[i] - top);
  for (int64_t i = count; i < padded; i++) row[i] = 0;
  float sums[lanes] = {};
  for (int64_t i = 0; i < padded; i += lanes)
    for (int64_t l = 0; l < lanes; l++) sums[l] += row[i + l];
  float sum = 0;
  for (float part : sums) sum += part;
  return sum;
}

// Queries, scaled, keys, transposed, and values of a window's positions: each origin is [3, d].
PONS_CLONED void gather(const Window &window, const float *const *origins, float scale) {
  const int64_t d = window.d;
  for (int64_t p = 0; p < window.positions; p++) {
    const float *from = origins[p];
    for (int64_t i = 0; i < d; i++) window.q[p * d + i] = from[i] * scale;
    for (int64_t i = 0; i < d; i++) window.v[p * window.paddedD + i] = from[2 * d + i];
  }
  // Neighbours are written together.
  for (int64_t p = 0; p < window.positions; p += lanes) {
    int64_t count = std::min(lanes, window.positions - p);
    for (int64_t i = 0; i < d; i++)
      for (int64_t j = 0; j < count; j++) window.k[i * window.padded + p + j] = origins[p + j][d + i];
  }
}

PONS_CLONED void attend(const Window &window, const float *bias) {
  const int64_t n = window.padded;
  for (int64_t i = 0; i < window.positions; i += 4) {
    for (int64_t j = 0; j < n; j += 16)
      product(window.q + i * window.d, window.d, window.k + j, n, window.d, window.scores + j, n);
    float factors[4] = {};
    for (int64_t r = 0; r < 4 && i + r < window.positions; r++)
      factors[r] = 1 / exponentials(window.scores + r * n, bias + (i + r) * window.positions, window.positions, n);
    for (int64_t j = 0; j < window.paddedD; j += 16)
      product(window.scores, n, window.v + j, window.paddedD, window.positions, window.out + i * window.paddedD + j,
              window.paddedD);
    for (int64_t r = 0; r < 4; r++)
      for (int64_t j = 0; j < window.paddedD; j++) window.out[(i + r) * window.paddedD + j] *= factors[r];
  }
}

const at::Tensor &plain(pons_torch *x, const char *what, int64_t dimensions) {
  const at::Tensor &tensor = x->tensor;
  if (tensor.scalar_type() != at::kFloat || !tensor.device().is_cpu() || !tensor.is_contiguous() ||
      (tensor.requires_grad() && c10::GradMode::is_enabled()))
    throw std::invalid_argument(std::string(what) +
                                " must be float32 on the processor, in C order, and without derivatives");
  if (dimensions > 0 && tensor.dim() != dimensions)
    throw std::invalid_argument(std::string(what) + " must have " + std::to_string(dimensions) + " axes");
  return tensor;
}

void expect(bool holds, const char *message) {
  if (!holds) throw std::invalid_argument(message);
}

} // namespace

pons_torch_result pons_torch_bias_gelu_(pons_torch *x, pons_torch *bias) {
  return guarded([&] {
    const at::Tensor &tensor = plain(x, "x", 0);
    float *data = tensor.data_ptr<float>();
    if (bias == nullptr) {
      // In blocks, so that what is left over at their ends does not depend on the number of threads.
      int64_t count = tensor.numel(), block = 1 << 12;
      parallel((count + block - 1) / block, 4, [&](int64_t begin, int64_t end) {
        geluRow(data + begin * block, std::min(count, end * block) - begin * block);
      });
      return;
    }
    const at::Tensor &summand = plain(bias, "bias", 1);
    int64_t c = summand.numel();
    expect(c > 0 && tensor.dim() > 0 && tensor.size(-1) == c, "bias must have as many elements as x has channels");
    const float *values = summand.data_ptr<float>();
    parallel(tensor.numel() / c, std::max<int64_t>(1, (1 << 14) / c), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) biasGeluRow(data + row * c, values, c);
    });
  });
}

pons_torch_result pons_torch_depthwise(pons_torch *x, pons_torch *weight, pons_torch *bias, int64_t stride,
                                       int32_t withGelu, pons_torch **out) {
  return produce(out, [&] {
    const at::Tensor &input = plain(x, "x", 4);
    const at::Tensor &weights = plain(weight, "weight", 2);
    const at::Tensor &summand = plain(bias, "bias", 1);
    int64_t n = input.size(0), h = input.size(1), w = input.size(2), c = input.size(3);
    expect(stride >= 1 && input.numel() > 0, "there must be a stride from 1 and elements");
    expect(weights.size(0) == 9 && weights.size(1) == c && summand.size(0) == c,
           "weight must be [9, channels] and bias [channels]");
    int64_t rows = (h - 1) / stride + 1, columns = (w - 1) / stride + 1;
    at::Tensor result = at::empty({n, rows, columns, c}, input.options());
    std::vector<float> zeros(static_cast<size_t>(c), 0.0f);
    const float *source = input.data_ptr<float>();
    float *target = result.data_ptr<float>();
    const float *factors = weights.data_ptr<float>(), *summands = summand.data_ptr<float>();
    parallel(n * rows, 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        int64_t image = row / rows, y = row % rows * stride;
        for (int64_t column = 0; column < columns; column++) {
          int64_t x0 = column * stride;
          const float *taps[9];
          for (int64_t tap = 0; tap < 9; tap++) {
            int64_t ty = y + tap / 3 - 1, tx = x0 + tap % 3 - 1;
            bool inside = ty >= 0 && ty < h && tx >= 0 && tx < w;
            taps[tap] = inside ? source + ((image * h + ty) * w + tx) * c : zeros.data();
          }
          float *pixel = target + (row * columns + column) * c;
          depthwisePixel(taps, factors, summands, c, pixel);
          if (withGelu) geluRow(pixel, c);
        }
      }
    });
    return result;
  });
}

pons_torch_result pons_torch_window_attention(pons_torch *qkv, pons_torch *padding, pons_torch *bias, int64_t size,
                                              pons_torch **out) {
  return produce(out, [&] {
    const at::Tensor &input = plain(qkv, "qkv", 6);
    const at::Tensor &outside = plain(padding, "padding", 3);
    const at::Tensor &biases = plain(bias, "bias", 3);
    int64_t n = input.size(0), h = input.size(1), w = input.size(2), heads = input.size(3), d = input.size(5);
    int64_t positions = size * size;
    expect(size >= 1 && size <= 64 && input.numel() > 0, "there must be elements, and windows of 1 to 64 positions");
    expect(input.size(4) == 3 && outside.sizes() == input.sizes().slice(3),
           "qkv must be [n, h, w, heads, 3, d] and padding [heads, 3, d]");
    expect(biases.size(0) == heads && biases.size(1) == positions && biases.size(2) == positions,
           "bias must be [heads, positions, positions]");
    int64_t rows = (h + size - 1) / size, columns = (w + size - 1) / size;
    at::Tensor result = at::empty({n, h, w, heads, d}, input.options());
    const float *source = input.data_ptr<float>(), *beyond = outside.data_ptr<float>();
    const float *table = biases.data_ptr<float>();
    float *target = result.data_ptr<float>();
    float scale = 1 / std::sqrt(static_cast<float>(d));
    parallel(n * rows * columns * heads, 1, [&](int64_t begin, int64_t end) {
      int64_t padded = (positions + 15) / 16 * 16, paddedD = (d + 15) / 16 * 16;
      std::vector<float> memory(static_cast<size_t>(padded * (2 * d + 2 * paddedD + 4)), 0.0f);
      float *place = memory.data();
      Window window{positions, padded, d, paddedD, place, place + padded * d, place + 2 * padded * d, nullptr, nullptr};
      window.scores = window.v + padded * paddedD;
      window.out = window.scores + 4 * padded;
      std::vector<const float *> origins(static_cast<size_t>(positions));
      for (int64_t task = begin; task < end; task++) {
        int64_t head = task % heads, column = task / heads % columns, row = task / heads / columns % rows;
        int64_t image = task / heads / columns / rows;
        for (int64_t p = 0; p < positions; p++) {
          int64_t y = row * size + p / size, x = column * size + p % size;
          origins[p] = y < h && x < w ? source + (((image * h + y) * w + x) * heads + head) * 3 * d
                                      : beyond + head * 3 * d;
        }
        gather(window, origins.data(), scale);
        attend(window, table + head * positions * positions);
        for (int64_t p = 0; p < positions; p++) {
          int64_t y = row * size + p / size, x = column * size + p % size;
          if (y >= h || x >= w) continue;
          std::copy_n(window.out + p * paddedD, d, target + (((image * h + y) * w + x) * heads + head) * d);
        }
      }
    });
    return result;
  });
}
