// Speed of the erasure code: GB of source data a second, for 16 + 8 fragments of 1 KB, with every
// kernel this processor runs. Decode is the worst case: all 8 parity fragments are needed.
#include <benchmark/benchmark.h>

#include <vector>

#include "engine/base/random.h"
#include "engine/repair/reed_solomon.h"

namespace {

using namespace swarmcast;
using namespace swarmcast::repair;

constexpr unsigned kSource = 16, kParity = 8;
constexpr size_t kSize = 1'024;

struct Codeword {
  Codeword() : blocks(kSource + kParity, std::vector<uint8_t>(kSize)) {
    Prng prng(1);
    for (auto& block : blocks)
      for (auto& byte : block) byte = static_cast<uint8_t>(prng.next());
    data.assign(blocks.begin(), blocks.begin() + kSource);
    all.assign(blocks.begin(), blocks.end());
  }
  void encode(const gf256::Kernel& kernel) {
    for (unsigned row = 0; row < kParity; ++row)
      encode_parity(data, row, all[kSource + row], kernel);
  }
  std::vector<std::vector<uint8_t>> blocks;
  std::vector<ByteSpan> data;
  std::vector<MutableByteSpan> all;
};

void encode(benchmark::State& state, const gf256::Kernel& kernel) {
  Codeword word;
  for (auto _ : state) {
    word.encode(kernel);
    benchmark::DoNotOptimize(word.blocks.back().data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kSource * kSize));
}

void decode(benchmark::State& state, const gf256::Kernel& kernel) {
  Codeword word;
  word.encode(kernel);
  FragmentSet present;
  for (unsigned i = kParity; i < kSource + kParity; ++i) present.set(i);
  for (auto _ : state) {
    benchmark::DoNotOptimize(reconstruct(kSource, word.all, present, kernel));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kSource * kSize));
}

}  // namespace

int main(int argc, char** argv) {
  for (const gf256::Kernel& kernel : gf256::kernels()) {
    const std::string name = kernel.name;
    benchmark::RegisterBenchmark(("encode_16+8_x_1KB/" + name).c_str(),
                                 [&kernel](benchmark::State& s) { encode(s, kernel); });
    benchmark::RegisterBenchmark(("decode_16+8_x_1KB/" + name).c_str(),
                                 [&kernel](benchmark::State& s) { decode(s, kernel); });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
