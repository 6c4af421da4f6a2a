// What fragments cost a core: signing at the source, verifying at every peer, sealing and opening.
//
//   bench_fragment_crypto [--seconds S]      S for each row, default 0.5
//
// The bound for a relay is its share of "verify" in the project's budget: 0.57 core-ms a relayed
// Mbit (one signature a frame) against about five times that with a signature a fragment.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/random.h"
#include "engine/crypto/frame_seal.h"
#include "engine/crypto/frame_signer.h"
#include "engine/crypto/frame_verifier.h"
#include "engine/wire/fragment.h"
#include "host/platform/sodium_crypto.h"

namespace {

using namespace swarmcast;
using crypto::FrameSigner;
using crypto::FrameVerifier;

double g_seconds = 0.5;

double core_us() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

// Core-microseconds of one call of `work`; `prepare` before each is not counted.
double cost(const std::function<void()>& prepare, const std::function<void()>& work) {
  double busy = 0;
  const double begin = core_us();
  int calls = 0;
  for (; core_us() - begin < g_seconds * 1e6; ++calls) {
    prepare();
    const double start = core_us();
    work();
    busy += core_us() - start;
  }
  return busy / calls;
}

// One frame in every form.
struct Sample {
  FrameHeader header;
  std::vector<std::vector<uint8_t>> payloads;
  std::vector<ByteSpan> spans;
  std::vector<std::vector<uint8_t>> messages;
  std::vector<FragmentView> views;
};

constexpr auto no_preparation = [] {};

Sample make_sample(const FrameSigner& signer, uint32_t sealed_size, uint8_t k, uint8_t r) {
  Sample s;
  s.header = {.key = true, .sealed_size = sealed_size, .k = k, .r = r};
  Prng random(1);
  s.payloads.assign(s.header.total(), std::vector<uint8_t>(s.header.fragment_payload()));
  for (auto& payload : s.payloads)
    for (uint8_t& b : payload) b = static_cast<uint8_t>(random.next());
  s.spans.assign(s.payloads.begin(), s.payloads.end());
  const auto frame = signer.sign(s.header, s.spans);
  s.messages.assign(s.header.total(), std::vector<uint8_t>(fragment_message_size(s.header)));
  for (uint8_t i = 0; i < s.header.total(); ++i)
    s.views.push_back(signer.write(frame, i, s.messages[i]).view());
  return s;
}

void measure(const char* name, uint32_t sealed_size, uint8_t k, uint8_t r) {
  const CryptoProvider& sodium = platform::sodium_crypto();
  const SigningKey key = sodium.signing_key_from_seed({1});
  const FrameSigner signer(sodium, key);
  const Sample sample = make_sample(signer, sealed_size, k, r);
  const int n = sample.header.total();

  const double sign = cost(no_preparation, [&] {
    const auto frame = signer.sign(sample.header, sample.spans);
    std::vector<uint8_t> message(fragment_message_size(sample.header));
    for (uint8_t i = 0; i < n; ++i) signer.write(frame, i, message);
  });
  std::unique_ptr<FrameVerifier> verifier;
  auto forget = [&] { verifier = std::make_unique<FrameVerifier>(sodium, key.public_key()); };
  const double first = cost(forget, [&] { verifier->verify(sample.views[0]); });
  const double rest = cost(no_preparation,
                           [&] {
                             for (const FragmentView& view : sample.views) verifier->verify(view);
                           }) /
                      n;
  const double rebuild =
      cost(no_preparation, [&] { (void)verifier->rebuild(sample.header, sample.spans); });

  const crypto::EpochKey epoch{.key = {2}};
  std::vector<uint8_t> plain(sealed_size - kAeadTagSize), sealed(sealed_size);
  const double seal = cost(no_preparation, [&] {
    seal_frame(sodium, epoch, key.public_key(), sample.header, plain, sealed);
  });
  const double open = cost(no_preparation, [&] {
    (void)open_frame(sodium, epoch, key.public_key(), sample.header, sealed, plain);
  });

  const double frame_us = first + rest * (n - 1);
  const double mbit = sealed_size * 8e-6;
  std::printf("%-22s %3d+%-3d %8.1f %8.1f %8.2f %8.1f %8.1f %8.1f %10.3f %10.3f\n", name, k, r,
              sign, first, rest, rebuild, seal, open, frame_us / 1e3 / mbit,
              first * n / 1e3 / mbit);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--seconds") == 0) g_seconds = std::atof(argv[2]);
  std::printf(
      "core-us                        sign a   verify   verify                      "
      "  verify, core-ms a Mbit\n");
  std::printf(
      "frame                  k+r      frame    first the rest  rebuild     seal     open"
      "  (measured) (each signed)\n");
  measure("sound, 80 B", 96, 1, 0);
  measure("picture at 800 kbit/s", 5'000, 5, 1);
  measure("picture at 2 Mbit/s", 12'500, 13, 3);
  measure("key picture, 60 KB", 60'000, 60, 12);
  return 0;
}
