// SRT's end of a hop: libsrt in live mode with its defaults, but for the latency and, where asked
// for, the packet filter (forward error correction).
#include <arpa/inet.h>
#include <srt/srt.h>

#include <cstdio>
#include <thread>

#include "bench/hop_vs_srt/peer.h"
#include "host/loop/loop.h"

namespace swarmcast::bench {
namespace {

int fail(const char* what) {
  std::fprintf(stderr, "srt: %s: %s\n", what, srt_getlasterror_str());
  return 1;
}

bool parse_address(const std::string& text, sockaddr_in& out) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  out = {};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1)));
  return inet_pton(AF_INET, text.substr(0, colon).c_str(), &out.sin_addr) == 1;
}

SRTSOCKET make_socket(const PeerOptions& options) {
  const SRTSOCKET s = srt_create_socket();
  const SRT_TRANSTYPE live = SRTT_LIVE;
  const int latency = options.latency_ms, payload = kBlockBytes;
  srt_setsockflag(s, SRTO_TRANSTYPE, &live, sizeof live);
  srt_setsockflag(s, SRTO_LATENCY, &latency, sizeof latency);
  srt_setsockflag(s, SRTO_PAYLOADSIZE, &payload, sizeof payload);
  if (!options.filter.empty() && srt_setsockflag(s, SRTO_PACKETFILTER, options.filter.data(),
                                                 static_cast<int>(options.filter.size())) != 0)
    return SRT_INVALID_SOCK;
  return s;
}

// A frame at a time, all its blocks at once, as a camera's encoder gives it.
bool send_frame(SRTSOCKET s, uint32_t number) {
  static std::vector<uint8_t> block(kBlockBytes, 0x5a);
  const int64_t now_us = Loop::now().us();
  for (size_t i = 0; i < kBlocksPerFrame; ++i) {
    const size_t size = std::min(kBlockBytes, kFrameBytes - i * kBlockBytes);
    write_stamp(block, {.frame = number, .block = static_cast<uint16_t>(i), .given_us = now_us});
    if (srt_sendmsg(s, reinterpret_cast<const char*>(block.data()), static_cast<int>(size), -1, 0) <
        0)
      return false;
  }
  return true;
}

}  // namespace

int run_srt_sender(const PeerOptions& options) {
  srt_startup();
  sockaddr_in address{};
  const SRTSOCKET listener = make_socket(options);
  if (listener == SRT_INVALID_SOCK || !parse_address(options.listen, address))
    return fail("options");
  if (srt_bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      srt_listen(listener, 1) != 0)
    return fail("listen");
  say({{"event", "invite"}, {"url", options.listen}});
  const SRTSOCKET s = srt_accept(listener, nullptr, nullptr);
  if (s == SRT_INVALID_SOCK) return fail("accept");
  Instant due = Loop::now();
  const uint32_t end = kWarmUpFrames + options.frames + kTailFrames;
  for (uint32_t number = 0; number < end; ++number) {
    due = due + kFramePeriod;
    std::this_thread::sleep_for(std::chrono::microseconds((due - Loop::now()).us()));
    announce(number, options);
    if (!send_frame(s, number)) return fail("send");
  }
  SRT_TRACEBSTATS stats{};
  srt_bstats(s, &stats, 0);
  say({{"event", "sent"},
       {"packets", stats.pktSentTotal},
       {"retransmitted", stats.pktRetransTotal},
       {"dropped", stats.pktSndDropTotal}});
  std::this_thread::sleep_for(std::chrono::seconds(60));  // until the bench ends us
  return 0;
}

int run_srt_receiver(const PeerOptions& options) {
  srt_startup();
  sockaddr_in address{};
  const SRTSOCKET s = make_socket(options);
  if (s == SRT_INVALID_SOCK || !parse_address(options.connect, address)) return fail("options");
  const int patience_ms = 10'000;
  srt_setsockflag(s, SRTO_CONNTIMEO, &patience_ms, sizeof patience_ms);
  if (srt_connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return fail("connect");
  Tally tally(options);
  std::vector<uint8_t> block(kBlockBytes);
  bool told = false;
  for (;;) {
    const int n =
        srt_recvmsg(s, reinterpret_cast<char*>(block.data()), static_cast<int>(block.size()));
    if (n < static_cast<int>(kStampBytes)) break;
    tally.add(read_stamp(block), Loop::now().us());
    if (!tally.finished() || told) continue;
    told = true;
    SRT_TRACEBSTATS stats{};
    srt_bstats(s, &stats, 0);
    nlohmann::json result = tally.result();
    result["received"] = stats.pktRecvTotal;
    result["received_again"] = stats.pktRcvRetrans;
    result["belated"] = stats.pktRcvBelated;
    tally.tell_arrivals();
    say(result);
  }
  return told ? 0 : fail("receive");
}

}  // namespace swarmcast::bench
