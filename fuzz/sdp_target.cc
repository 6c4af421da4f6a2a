#include "engine/base/check.h"
#include "fuzz/targets.h"
#include "host/transport/endpoint_text.h"
#include "host/transport/sdp.h"

namespace swarmcast::fuzz {
namespace {

using transport::SessionDescription;

constexpr uint64_t kSession = 4'711;

SessionDescription genuine(size_t candidates) {
  SessionDescription out;
  SWARMCAST_CHECK(out.link.ufrag.set("Yx4K") && out.link.password.set("q1w2e3r4t5y6u7i8o9p0a1s2"));
  for (size_t i = 0; i < candidates; ++i) {
    Candidate candidate{static_cast<CandidateType>(i % 3),
                        *transport::parse_endpoint(i % 2 ? "192.0.2.1:4000" : "[2001:db8::1]:5"),
                        static_cast<uint32_t>(1'000 - i)};
    SWARMCAST_CHECK(out.link.add(candidate));
  }
  return out;
}

}  // namespace

const std::vector<std::vector<uint8_t>>& genuine_sdps() {
  static const std::vector<std::vector<uint8_t>> sdps = [] {
    SessionDescription answer = genuine(kMaxCandidates);
    answer.setup = transport::DtlsSetup::kActive;
    answer.mid = "data";
    SessionDescription lite = genuine(1);
    lite.ice_lite = true;
    std::vector<std::vector<uint8_t>> out;
    for (const SessionDescription& description : {genuine(0), answer, lite}) {
      const std::string text = write_sdp(description, kSession);
      out.emplace_back(text.begin(), text.end());
    }
    return out;
  }();
  return sdps;
}

void sdp(ByteSpan text) {
  const auto result =
      transport::parse_sdp({reinterpret_cast<const char*>(text.data()), text.size()});
  const auto* read = std::get_if<SessionDescription>(&result);
  if (!read) return;
  SWARMCAST_CHECK(read->link.complete() && read->link.candidates().size() <= kMaxCandidates);
  const auto again = transport::parse_sdp(write_sdp(*read, kSession));
  const auto* same = std::get_if<SessionDescription>(&again);
  SWARMCAST_CHECK(same && *same == *read);
}

}  // namespace swarmcast::fuzz
