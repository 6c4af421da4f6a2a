#include "engine/repair/gf256_kernels.h"

#include <array>

#include "engine/repair/gf256.h"

#if defined(__x86_64__) || defined(__i386__)
#define SWARMCAST_GF256_X86 1
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace swarmcast::repair::gf256 {
namespace {

// Products of a constant with the 16 low and the 16 high nibbles: c * b = low[b & 15] ^
// high[b >> 4], which is one byte shuffle each (Plank, Greenan, Miller, FAST 2013).
struct alignas(32) NibbleProducts {
  std::array<uint8_t, 16> low{};
  std::array<uint8_t, 16> high{};
};

// From the products with the powers of two, of which all others are sums.
constexpr NibbleProducts make_products(uint8_t c) {
  NibbleProducts p;
  unsigned product = c;
  for (unsigned bit = 0; bit < 8; ++bit) {
    auto& half = bit < 4 ? p.low : p.high;
    const unsigned power = 1u << bit % 4;
    for (unsigned n = 0; n < power; ++n) half[power + n] = static_cast<uint8_t>(half[n] ^ product);
    product <<= 1;
    if (product & 0x100) product ^= kPolynomial;
  }
  return p;
}

#if defined(__wasm__)

// 8 KB of a table that no compression shrinks would be a tenth of the module that a page fetches.
NibbleProducts products_of(uint8_t c) { return make_products(c); }

#else

consteval std::array<NibbleProducts, 256> make_all_products() {
  std::array<NibbleProducts, 256> all;
  for (unsigned c = 0; c < 256; ++c) all[c] = make_products(static_cast<uint8_t>(c));
  return all;
}

constexpr std::array<NibbleProducts, 256> kProducts = make_all_products();

const NibbleProducts& products_of(uint8_t c) { return kProducts[c]; }

#endif

void mul_add_scalar(uint8_t* out, const uint8_t* in, size_t n, uint8_t c) {
  const NibbleProducts& p = products_of(c);
  for (size_t i = 0; i < n; ++i) out[i] ^= p.low[in[i] & 15] ^ p.high[in[i] >> 4];
}

#if defined(SWARMCAST_GF256_X86)

// Multiplication by c as an 8x8 bit matrix for GF2P8AFFINEQB: byte 7 - i is the row that gives
// bit i. (GF2P8MULB is fixed to another polynomial.)
consteval std::array<uint64_t, 256> make_matrices() {
  std::array<uint64_t, 256> all{};
  for (unsigned c = 0; c < 256; ++c)
    for (unsigned j = 0; j < 8; ++j) {
      const unsigned column = mul(static_cast<uint8_t>(c), static_cast<uint8_t>(1u << j));
      for (unsigned i = 0; i < 8; ++i)
        if (column >> i & 1) all[c] |= uint64_t{1} << (8 * (7 - i) + j);
    }
  return all;
}

constexpr std::array<uint64_t, 256> kMatrices = make_matrices();

__attribute__((target("ssse3"))) void mul_add_ssse3(uint8_t* out, const uint8_t* in, size_t n,
                                                    uint8_t c) {
  const auto low = _mm_load_si128(reinterpret_cast<const __m128i*>(products_of(c).low.data()));
  const auto high = _mm_load_si128(reinterpret_cast<const __m128i*>(products_of(c).high.data()));
  const __m128i mask = _mm_set1_epi8(15);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    const __m128i l = _mm_shuffle_epi8(low, _mm_and_si128(v, mask));
    const __m128i h = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi64(v, 4), mask));
    auto* o = reinterpret_cast<__m128i*>(out + i);
    _mm_storeu_si128(o, _mm_xor_si128(_mm_loadu_si128(o), _mm_xor_si128(l, h)));
  }
  mul_add_scalar(out + i, in + i, n - i, c);
}

__attribute__((target("avx2"))) void mul_add_avx2(uint8_t* out, const uint8_t* in, size_t n,
                                                  uint8_t c) {
  const __m256i low = _mm256_broadcastsi128_si256(
      _mm_load_si128(reinterpret_cast<const __m128i*>(products_of(c).low.data())));
  const __m256i high = _mm256_broadcastsi128_si256(
      _mm_load_si128(reinterpret_cast<const __m128i*>(products_of(c).high.data())));
  const __m256i mask = _mm256_set1_epi8(15);
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    const __m256i l = _mm256_shuffle_epi8(low, _mm256_and_si256(v, mask));
    const __m256i h = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi64(v, 4), mask));
    auto* o = reinterpret_cast<__m256i*>(out + i);
    _mm256_storeu_si256(o, _mm256_xor_si256(_mm256_loadu_si256(o), _mm256_xor_si256(l, h)));
  }
  mul_add_scalar(out + i, in + i, n - i, c);
}

__attribute__((target("gfni,avx2"))) void mul_add_gfni_avx2(uint8_t* out, const uint8_t* in,
                                                            size_t n, uint8_t c) {
  const __m256i matrix = _mm256_set1_epi64x(static_cast<long long>(kMatrices[c]));
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    auto* o = reinterpret_cast<__m256i*>(out + i);
    _mm256_storeu_si256(
        o, _mm256_xor_si256(_mm256_loadu_si256(o), _mm256_gf2p8affine_epi64_epi8(v, matrix, 0)));
  }
  mul_add_scalar(out + i, in + i, n - i, c);
}

__attribute__((target("gfni,avx512f,avx512bw"))) void mul_add_gfni_avx512(uint8_t* out,
                                                                          const uint8_t* in,
                                                                          size_t n, uint8_t c) {
  const __m512i matrix = _mm512_set1_epi64(static_cast<long long>(kMatrices[c]));
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    const __m512i v = _mm512_loadu_si512(in + i);
    _mm512_storeu_si512(out + i, _mm512_xor_si512(_mm512_loadu_si512(out + i),
                                                  _mm512_gf2p8affine_epi64_epi8(v, matrix, 0)));
  }
  if (i == n) return;
  const __mmask64 rest = ~uint64_t{0} >> (64 - (n - i));
  const __m512i v = _mm512_maskz_loadu_epi8(rest, in + i);
  const __m512i o = _mm512_maskz_loadu_epi8(rest, out + i);
  _mm512_mask_storeu_epi8(out + i, rest,
                          _mm512_xor_si512(o, _mm512_gf2p8affine_epi64_epi8(v, matrix, 0)));
}

#elif defined(__aarch64__)

void mul_add_neon(uint8_t* out, const uint8_t* in, size_t n, uint8_t c) {
  const uint8x16_t low = vld1q_u8(products_of(c).low.data());
  const uint8x16_t high = vld1q_u8(products_of(c).high.data());
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const uint8x16_t v = vld1q_u8(in + i);
    const uint8x16_t l = vqtbl1q_u8(low, vandq_u8(v, vdupq_n_u8(15)));
    const uint8x16_t h = vqtbl1q_u8(high, vshrq_n_u8(v, 4));
    vst1q_u8(out + i, veorq_u8(vld1q_u8(out + i), veorq_u8(l, h)));
  }
  mul_add_scalar(out + i, in + i, n - i, c);
}

#elif defined(__wasm_simd128__)

void mul_add_wasm(uint8_t* out, const uint8_t* in, size_t n, uint8_t c) {
  const NibbleProducts& p = products_of(c);
  const v128_t low = wasm_v128_load(p.low.data());
  const v128_t high = wasm_v128_load(p.high.data());
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const v128_t v = wasm_v128_load(in + i);
    const v128_t l = wasm_i8x16_swizzle(low, wasm_v128_and(v, wasm_i8x16_splat(15)));
    const v128_t h = wasm_i8x16_swizzle(high, wasm_u8x16_shr(v, 4));
    wasm_v128_store(out + i, wasm_v128_xor(wasm_v128_load(out + i), wasm_v128_xor(l, h)));
  }
  mul_add_scalar(out + i, in + i, n - i, c);
}

#endif

// In ascending order of demands: what a processor can run is a prefix of it.
constexpr Kernel kKernels[] = {
    {"scalar", mul_add_scalar},
#if defined(SWARMCAST_GF256_X86)
    {"ssse3", mul_add_ssse3},         {"avx2", mul_add_avx2},
    {"gfni+avx2", mul_add_gfni_avx2}, {"gfni+avx512", mul_add_gfni_avx512},
#elif defined(__aarch64__)
    {"neon", mul_add_neon},
#elif defined(__wasm_simd128__)
    {"simd128", mul_add_wasm},
#endif
};

size_t runnable() {
#if defined(SWARMCAST_GF256_X86)
  if (!__builtin_cpu_supports("ssse3")) return 1;
  if (!__builtin_cpu_supports("avx2")) return 2;
  if (!__builtin_cpu_supports("gfni")) return 3;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw")) return 4;
#endif
  return std::size(kKernels);
}

}  // namespace

std::span<const Kernel> kernels() { return std::span(kKernels).first(runnable()); }

const Kernel& best_kernel() { return kernels().back(); }

}  // namespace swarmcast::repair::gf256
