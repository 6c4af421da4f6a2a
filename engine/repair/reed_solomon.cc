#include "engine/repair/reed_solomon.h"

#include <array>
#include <cstring>

#include "engine/base/check.h"
#include "engine/repair/gf256.h"

namespace swarmcast::repair {
namespace {

using gf256::kOrder;
using gf256::kTables;

// A fragment's place on the line of the Cauchy matrix: data i at y = i, parity j at x = 255 - j.
// k + r <= 255 keeps all of them distinct.
constexpr uint8_t point(unsigned k, unsigned fragment) {
  return static_cast<uint8_t>(fragment < k ? fragment : kMaxFragmentsPerFrame - (fragment - k));
}

// log of the product of (at ^ p) over the points p other than `at` itself.
unsigned log_distance(uint8_t at, std::span<const uint8_t> points) {
  unsigned sum = 0;
  for (const uint8_t p : points)
    if (p != at) sum += kTables.log[at ^ p];
  return sum % kOrder;
}

// The code is a generalised Reed-Solomon code: with A(z) = product of (z ^ y_i) there is one
// polynomial f of degree < k with f(y_i) = D_i A'(y_i) and f(x_j) = P_j A(x_j). Lagrange through
// any k of these points gives a missing D_m directly, and after cancelling
//   D_m = sum over the k fragments p in use of  F_p * G_m * H_p / (m ^ p)
//   G_m = product of (m ^ parity used) / product of (m ^ other missing)
//   H_p = product of (p ^ missing) / product of (p ^ other parity used).
// No matrix is stored or inverted: only the erasures and the parity in use appear.
struct Plan {
  std::array<uint8_t, kMaxFragmentsPerFrame> missing{};  // data fragments to rebuild
  std::array<uint8_t, kMaxFragmentsPerFrame> parity{};   // points of the parity in use
  std::array<uint8_t, kMaxFragmentsPerFrame> used{};     // the k fragments in use
  std::array<unsigned, kMaxFragmentsPerFrame> log_h{};   // of each of those
  unsigned erasures = 0;
  unsigned uses = 0;

  std::span<const uint8_t> missing_points() const { return {missing.data(), erasures}; }
  std::span<const uint8_t> parity_points() const { return {parity.data(), erasures}; }
};

bool make_plan(unsigned k, unsigned total, const FragmentSet& present, Plan& plan) {
  for (unsigned i = 0; i < k; ++i)
    if (present[i])
      plan.used[plan.uses++] = static_cast<uint8_t>(i);
    else
      plan.missing[plan.erasures++] = static_cast<uint8_t>(i);
  for (unsigned i = k; i < total && plan.uses < k; ++i)
    if (present[i]) {
      plan.parity[plan.uses - (k - plan.erasures)] = point(k, i);
      plan.used[plan.uses++] = static_cast<uint8_t>(i);
    }
  if (plan.uses < k) return false;
  for (unsigned u = 0; u < k; ++u) {
    const uint8_t p = point(k, plan.used[u]);
    plan.log_h[u] =
        log_distance(p, plan.missing_points()) + kOrder - log_distance(p, plan.parity_points());
  }
  return true;
}

}  // namespace

uint8_t cauchy_coefficient(unsigned row, unsigned column) {
  return gf256::inverse(static_cast<uint8_t>((kMaxFragmentsPerFrame - row) ^ column));
}

void encode_parity(std::span<const ByteSpan> data, unsigned row, MutableByteSpan out,
                   const gf256::Kernel& kernel) {
  SWARMCAST_CHECK(!data.empty() && data.size() + row < kMaxFragmentsPerFrame);
  std::memset(out.data(), 0, out.size());
  for (unsigned i = 0; i < data.size(); ++i) {
    SWARMCAST_CHECK(data[i].size() == out.size());
    kernel.mul_add(out.data(), data[i].data(), out.size(), cauchy_coefficient(row, i));
  }
}

int reconstruct(unsigned k, std::span<const MutableByteSpan> fragments, const FragmentSet& present,
                const gf256::Kernel& kernel) {
  SWARMCAST_CHECK(k > 0 && k <= fragments.size() && fragments.size() <= kMaxFragmentsPerFrame);
  Plan plan;
  if (!make_plan(k, static_cast<unsigned>(fragments.size()), present, plan)) return -1;
  for (const uint8_t m : plan.missing_points()) {
    const MutableByteSpan out = fragments[m];
    std::memset(out.data(), 0, out.size());
    const unsigned log_g =
        log_distance(m, plan.parity_points()) + kOrder - log_distance(m, plan.missing_points());
    for (unsigned u = 0; u < k; ++u) {
      const ByteSpan in = fragments[plan.used[u]];
      SWARMCAST_CHECK(out.size() <= in.size());
      const unsigned log_distance_mp = kTables.log[m ^ point(k, plan.used[u])];
      const unsigned log_c = (log_g + plan.log_h[u] + kOrder - log_distance_mp) % kOrder;
      kernel.mul_add(out.data(), in.data(), out.size(), kTables.exp[log_c]);
    }
  }
  return static_cast<int>(plan.erasures);
}

}  // namespace swarmcast::repair
