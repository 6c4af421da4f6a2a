// Native links on loopback: processor time per message, set-up time, memory per link.
//
// One thread does both ends, so that its own clock can tell sending from receiving. On loopback
// the sender's system call also does the receiver's half of the kernel's work.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {
namespace {

constexpr size_t kMessageSize = 1'100;

double cpu_us() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

// Counts only: keeping the messages would be part of the figure.
class Counter final : public LinkEvents {
 public:
  void on_up(LinkId link, bool, const Fingerprint&, const Fingerprint&, const Endpoint&) override {
    links.push_back(link);
  }
  void on_message(LinkId link, ByteSpan message, Instant) override {
    ++messages;
    if (forward) forward(link, message);
  }
  void on_down(LinkId, DownReason) override { ++downs; }
  void on_local_description(LinkId, const LinkDescription&) override {}

  std::vector<LinkId> links;
  size_t messages = 0;
  size_t downs = 0;
  std::function<void(LinkId, ByteSpan)> forward;
};

struct End {
  explicit End(Loop& loop) : transport(loop, platform::sodium_crypto(), kTestSecret, events) {
    SWARMCAST_CHECK(!transport.listen(*parse_endpoint("[::]:0")));
  }
  Contact contact() const {
    Contact out{PeerId{}, *parse_address("127.0.0.1"), transport.fingerprint()};
    out.endpoint.port = transport.local_endpoint().port;
    return out;
  }
  Counter events;
  NativeTransport transport;
};

void connect(Loop& loop, End& from, End& to, uint32_t number = 1) {
  const size_t before = from.events.links.size() + to.events.links.size();
  from.transport.dial(LinkId(kDialledLinkBit | number), to.contact());
  const bool ok = run_until(
      loop, [&] { return from.events.links.size() + to.events.links.size() == before + 2; });
  SWARMCAST_CHECK(ok);
}

void bench_messages(size_t burst) {
  Loop loop;
  End a(loop), b(loop);
  connect(loop, a, b);
  const Datagram message(kMessageSize, 0x40);
  constexpr size_t kTotal = 40'000;
  double sending = 0, receiving = 0;
  for (size_t sent = 0; sent < kTotal; sent += burst) {
    const double start = cpu_us();
    for (size_t i = 0; i < burst; ++i) {
      a.transport.send(a.events.links[0], Lane::kMedia, message);
    }
    a.transport.flush();
    const double middle = cpu_us();
    while (b.events.messages < sent + burst) loop.run_once(true);
    sending += middle - start;
    receiving += cpu_us() - middle;
  }
  std::printf("  bursts of %2zu   send %5.2f   receive %5.2f\n", burst, sending / kTotal,
              receiving / kTotal);
}

// A relay as the swarm uses it: each burst from the parent goes to every child at once.
void bench_relay(size_t children, size_t burst) {
  Loop loop;
  End source(loop), relay(loop);
  connect(loop, source, relay);
  std::vector<std::unique_ptr<End>> leaves;
  for (size_t i = 0; i < children; ++i) {
    leaves.push_back(std::make_unique<End>(loop));
    connect(loop, *leaves.back(), relay);
  }
  const std::vector<LinkId> to(relay.events.links.begin() + 1, relay.events.links.end());
  double forwarding = 0;
  relay.events.forward = [&](LinkId, ByteSpan message) {
    for (LinkId link : to) relay.transport.send(link, Lane::kMedia, message);
  };
  const Datagram message(kMessageSize, 0x40);
  constexpr size_t kTotal = 8'000;
  for (size_t sent = 0; sent < kTotal; sent += burst) {
    for (size_t i = 0; i < burst; ++i) {
      source.transport.send(source.events.links[0], Lane::kMedia, message);
    }
    source.transport.flush();
    // All is on the relay's socket: the next iteration receives, forwards and flushes. The leaves'
    // sockets become readable only then.
    const double start = cpu_us();
    while (relay.events.messages < sent + burst) loop.run_once(true);
    forwarding += cpu_us() - start;
    for (auto& leaf : leaves) {
      while (leaf->events.messages < sent + burst) loop.run_once(true);
    }
  }
  const double mbit = static_cast<double>(kTotal * children * kMessageSize) * 8 / 1e6;
  std::printf(
      "  %zu children, bursts of %2zu   %5.2f core-us a message received   %.3f core-ms a "
      "Mbit sent (transport alone)\n",
      children, burst, forwarding / kTotal, forwarding / 1e3 / mbit);
}

void bench_set_up() {
  Loop loop;
  End a(loop), b(loop);
  std::vector<double> times;
  double cpu = 0;
  for (uint32_t i = 1; i <= 200; ++i) {
    const Instant start = Loop::now();
    const double cpu_start = cpu_us();
    connect(loop, a, b, i);
    cpu += cpu_us() - cpu_start;
    times.push_back(static_cast<double>((Loop::now() - start).us()) / 1e3);
    a.transport.close(LinkId(kDialledLinkBit | i));
    while (b.events.downs < i) loop.run_once(true);
  }
  std::ranges::sort(times);
  std::printf(
      "  p50 %.2f ms   p95 %.2f ms   (bound 30 ms; 2 round trips)   %.2f core-ms for both "
      "ends\n",
      times[100], times[190], cpu / 200 / 1e3);
}

void bench_memory() {
  Loop loop;
  End hub(loop);
  constexpr size_t kLinks = 40;
  std::vector<std::unique_ptr<End>> ends;
  for (size_t i = 0; i < kLinks; ++i) ends.push_back(std::make_unique<End>(loop));
  const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  for (auto& end : ends) connect(loop, *end, hub);
  const Datagram message(kMessageSize, 0x40);
  for (LinkId link : hub.events.links) hub.transport.send(link, Lane::kMedia, message);
  for (auto& end : ends) end->transport.send(end->events.links[0], Lane::kMedia, message);
  for (auto& end : ends) end->transport.flush();
  hub.transport.flush();
  while (hub.events.messages < kLinks) loop.run_once(true);
  for (auto& end : ends) {
    while (end->events.messages == 0) loop.run_once(true);
  }
  const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
  std::printf("  %.1f KB a link and end (bound 100 KB)\n",
              static_cast<double>(after - before) / (2 * kLinks) / 1e3);
}

int run() {
  std::printf(
      "messages of %zu bytes, core-us each (raw DTLS before: send 6 to 9, receive 4 to 5)\n",
      kMessageSize);
  for (size_t burst : {1, 4, 16, 32}) bench_messages(burst);
  std::printf("relay\n");
  for (size_t burst : {1, 5}) bench_relay(4, burst);
  std::printf("link set-up\n");
  bench_set_up();
  std::printf("memory\n");
  bench_memory();
  return 0;
}

}  // namespace
}  // namespace swarmcast::transport

int main() { return swarmcast::transport::run(); }
