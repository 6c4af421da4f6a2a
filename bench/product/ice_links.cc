// Prepared links, of peers that cannot be dialled: set-up time, and what a hundred in one process
// cost. Peers tell each other their descriptions at once, so that signalling is no part of it.
#include <time.h>

#include <fstream>

#include "bench/product/scenario.h"
#include "host/transport/ice_test_support.h"
#include "test/nat/namespace_scope.h"

namespace swarmcast::bench {
namespace {

using namespace transport;

constexpr uint32_t kEnds = 100;
constexpr Duration kOneWay = Duration::millis(30);

LinkId link_number(uint32_t i) { return LinkId(kDialledLinkBit | i); }

double process_cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Of this process, in kB.
double anonymous_kb() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string word; rollup >> word;) {
    double kb = 0;
    if (word == "Anonymous:" && rollup >> kb) return kb * 1.024;
  }
  throw NotRun("this kernel does not say how much memory a process has");
}

// From prepare() on both sides to both sides up.
double set_up_ms(Loop& loop, IcePeer& a, IcePeer& b, LinkId link,
                 const std::function<void()>& prepare) {
  const size_t before = a.ups.size() + b.ups.size();
  const Instant begin = Loop::now();
  prepare();
  if (!run_until(loop, [&] { return a.ups.size() + b.ups.size() == before + 2; })) {
    throw NotRun("a prepared link did not come up");
  }
  const double ms = static_cast<double>((Loop::now() - begin).us()) / 1e3;
  if (a.transport->path(link) != PathKind::kDirect) throw NotRun("the link is not direct");
  return ms;
}

double set_up_ms(IcePair& pair, LinkId link) {
  return set_up_ms(pair.loop, pair.a, pair.b, link, [&] { pair.prepare(link); });
}

void add_times(Row& row, const std::vector<double>& ms, std::optional<Bound> p95) {
  row.figures.push_back({"p50", percentile(ms, 0.5), "ms", {}});
  row.figures.push_back({"p95", percentile(ms, 0.95), "ms", p95});
  row.figures.push_back({"max", percentile(ms, 1), "ms", {}});
}

}  // namespace

Row ice_set_up(const Setting& setting) {
  Row row{.id = "i1",
          .title = "set-up of a prepared link at RTT 60 ms, native to native: ICE and DTLS"};
  const auto wan = make_wan(2, "delay=" + std::to_string(kOneWay.ms()) + "ms");
  Loop loop;
  IcePeer a(loop, {}, {}, "0.0.0.0"), b(loop, {}, {}, "0.0.0.0");
  a.peer = &b;
  b.peer = &a;
  std::vector<double> ms(setting.quick ? 10 : 50);
  uint32_t number = 0;
  for (double& one : ms) {
    const LinkId link = link_number(++number);
    one = set_up_ms(loop, a, b, link, [&] {
      {
        const test::NamespaceScope scope(wan->network_namespace(0));
        a.prepare(link, LinkRole::kInitiator);
      }
      const test::NamespaceScope scope(wan->network_namespace(1));
      b.prepare(link, LinkRole::kResponder);
    });
    a.transport->close(link);
    b.transport->close(link);
  }
  row.sample = count(static_cast<int64_t>(ms.size())) + " set-ups, one after the other";
  add_times(row, ms, {});
  return row;
}

Row ice_links(const Setting& setting) {
  Row row{.id = "i2",
          .title =
              "a hundred ends of prepared links in one process, on loopback: set-up one after "
              "the other, memory, idle processor time"};
  IcePair pair({}, {.max_links = kEnds});
  set_up_ms(pair, link_number(0));  // what is there once for all
  const double before_kb = anonymous_kb();
  std::vector<double> ms(kEnds / 2);
  for (uint32_t i = 0; i < kEnds / 2; ++i) ms[i] = set_up_ms(pair, link_number(i + 1));
  const double after_kb = anonymous_kb();
  // libnice goes on checking for a while after it has selected a pair.
  run_for(pair.loop, Duration::seconds(setting.quick ? 6 : 10));
  const Duration span = Duration::seconds(setting.quick ? 5 : 20);
  const double cpu = process_cpu_seconds();
  run_for(pair.loop, span);
  const double idle = (process_cpu_seconds() - cpu) / span.seconds_f();
  if (!pair.a.downs.empty() || !pair.b.downs.empty()) throw NotRun("an idle link went down");
  row.sample = count(kEnds) + " ends";
  add_times(row, ms, at_most(100));
  row.figures.push_back({"memory a link", (after_kb - before_kb) / kEnds, "kB", at_most(120)});
  row.figures.push_back({"idle, share of one core", idle * 100, "%", at_most(3)});
  return row;
}

}  // namespace swarmcast::bench
