// Links with data channels on loopback: set-up, memory, idle cost, processor time a message. Both
// ends are in this process: a node, and as many pages as dial it.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "host/transport/page_for_test.h"

namespace swarmcast::transport {
namespace {

constexpr size_t kLinks = 100;
constexpr size_t kMessageSize = 1'100;

double cpu_us() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

double heap_kb() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e3;
}

const char* verdict(double value, double bound) { return value <= bound ? "pass" : "FAIL"; }

class Bench {
 public:
  void run() {
    std::printf("data channels, %zu links in one process, both ends\n", kLinks);
    set_up();
    idle();
    std::printf("messages of %zu bytes, core-ms for 1,000\n", kMessageSize);
    for (const size_t burst : {1, 5, 16}) messages(burst);
  }

 private:
  static NativeLimits limits() {
    NativeLimits out;
    out.max_links = 2 * kLinks;
    out.max_half_open_per_network = kLinks;
    return out;
  }

  void set_up() {
    std::vector<double> times;
    const double memory = heap_kb(), cpu = cpu_us();
    for (size_t i = 0; i < kLinks; ++i) {
      const Instant start = Loop::now();
      pages_.push_back(std::make_unique<Page>(loop_, node_.contact()));
      Page& page = *pages_.back();
      page.dial();
      SWARMCAST_CHECK(run_until(loop_, [&] { return page.up(); }));
      page.open();
      SWARMCAST_CHECK(run_until(loop_, [&] { return page.opened == 1; }));
      times.push_back(static_cast<double>((Loop::now() - start).us()) / 1e3);
      page.sctp().send(Lane::kMedia, message_);
      SWARMCAST_CHECK(run_until(loop_, [&] { return node_.messages.size() == i + 1; }));
      node_.transport->send(node_.link(), Lane::kMedia, message_);
      node_.transport->flush();
      SWARMCAST_CHECK(run_until(loop_, [&] { return !page.messages.empty(); }));
    }
    const double cpu_ms = (cpu_us() - cpu) / 1e3 / kLinks;
    const double each = (heap_kb() - memory) / (2 * kLinks);
    std::ranges::sort(times);
    const double p95 = times[kLinks * 95 / 100];
    std::printf("  set-up          p50 %6.2f ms   p95 %6.2f ms   <= 100 ms  %s   %.2f core-ms\n",
                times[kLinks / 2], p95, verdict(p95, 100), cpu_ms);
    std::printf("  memory          %6.1f KB a link and end        <= 120 KB  %s\n", each,
                verdict(each, 120));
  }

  // Both ends of every link, and the consent checks of the pages.
  void idle() {
    run_for(loop_, Duration::seconds(1));
    constexpr Duration kSpan = Duration::seconds(10);
    const double cpu = cpu_us();
    const Instant start = Loop::now();
    for (Instant next = start; Loop::now() < start + kSpan; next = next + Duration::seconds(5)) {
      for (auto& page : pages_) page->ask();
      run_for(loop_, Duration::seconds(5));
    }
    const double share = 100 * (cpu_us() - cpu) / static_cast<double>((Loop::now() - start).us());
    std::printf("  idle            %6.2f %% of a core             <= 3 %%     %s\n", share,
                verdict(share, 3));
  }

  void messages(size_t burst) {
    Page& page = *pages_.back();
    constexpr size_t kTotal = 20'000;
    double times[4] = {};  // to the node: sent, received; to the page: sent, received
    for (size_t sent = 0; sent < kTotal; sent += burst) {
      node_.messages.clear();
      page.messages.clear();
      page.packets.clear();
      double at = cpu_us();
      auto lap = [&](double& sum) {
        const double now = cpu_us();
        sum += now - at;
        at = now;
      };
      for (size_t i = 0; i < burst; ++i) page.sctp().send(Lane::kMedia, message_);
      lap(times[0]);
      while (node_.messages.size() < burst) loop_.run_once(true);
      lap(times[1]);
      for (size_t i = 0; i < burst; ++i) {
        node_.transport->send(node_.link(), Lane::kMedia, message_);
      }
      node_.transport->flush();
      lap(times[2]);
      while (page.messages.size() < burst) loop_.run_once(true);
      lap(times[3]);
    }
    for (double& time : times) time /= kTotal;
    std::printf(
        "  bursts of %2zu    node: send %5.2f  receive %5.2f     (receive with the far end's SACK "
        "work)\n",
        burst, times[2], times[1]);
  }

  Loop loop_;
  Node node_{loop_, limits()};
  std::vector<std::unique_ptr<Page>> pages_;
  const Datagram message_ = Datagram(kMessageSize, 0x40);
};

}  // namespace
}  // namespace swarmcast::transport

int main() {
  swarmcast::transport::Bench().run();
  return 0;
}
