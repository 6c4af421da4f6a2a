// Glass to glass: from the stamp in a picture, written at its capture, to its arrival at the reader
// of the viewer's output. One machine, one clock.
#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

constexpr size_t kChainHops = 7;

void add_percentiles(Row& row, const test::Latency& l, std::optional<Bound> p50, Bound p95) {
  row.figures.push_back({"glass to glass, p50", l.p50, "ms", p50});
  row.figures.push_back({"glass to glass, p95", l.p95, "ms", p95});
  row.figures.push_back({"glass to glass, p99", l.p99, "ms", {}});
  row.figures.push_back({"glass to glass, max", l.max, "ms", {}});
}

// Watches for `length` after the viewer has settled; the pictures of that time.
std::vector<test::SeenPicture> look(Screen& screen, seconds settle, seconds length) {
  const auto enough = [&](seconds time) { return static_cast<size_t>(time.count()) * test::kFps; };
  if (!screen.reader->wait_pictures(enough(settle), settle + seconds(60)))
    throw NotRun("the viewer shows no pictures; " + test::say(*screen.process));
  screen.reader->wait_pictures(enough(settle + length), length + seconds(60));
  auto pictures = screen.reader->pictures();
  if (pictures.size() < enough(settle + length) * 9 / 10)
    throw NotRun("the pictures ceased; " + test::say(*screen.process));
  pictures.erase(pictures.begin(), pictures.begin() + static_cast<int64_t>(enough(settle)));
  return pictures;
}

}  // namespace

Row loopback_latency(const Setting& setting) {
  Row row{.id = "a1",
          .title = "one hop on loopback: 640x360, 20 fps, 800 kbit/s, sound, playout automatic"};
  const Node source = start_broadcast({});
  const auto screen = watch_pictures({}, source.invite);
  const auto pictures = look(*screen, seconds(5), seconds(setting.quick ? 20 : 120));
  const test::Latency latency = test::glass_to_glass(pictures);
  row.sample = count(static_cast<int64_t>(latency.count)) + " pictures";
  add_percentiles(row, latency, at_most(80), at_most(150));
  const auto stats = test::last_stats(*screen->process);
  row.figures.push_back({"playout chosen", stats.value("playout_ms", 0.0), "ms", {}});
  return row;
}

Row chain_latency(const Setting& setting) {
  Row row{.id = "a2",
          .title = "chain of 7 hops, 20 ms one way and 1 % random loss each, playout 450 ms"};
  const auto wan = make_wan(kChainHops + 1, "delay=20ms loss=1%");
  const Node source = start_broadcast(test::place(*wan, 0), {"--playout", "450"});
  std::vector<Node> relays;
  std::string invite = source.invite;
  for (size_t hop = 1; hop < kChainHops; ++hop) {
    relays.push_back(start_relay(test::place(*wan, hop), invite, {"--parent-only"}));
    invite = relays.back().invite;
  }
  const auto screen = watch_pictures(test::place(*wan, kChainHops), invite, {"--parent-only"});
  if (!screen->reader->wait_pictures(5 * test::kFps, seconds(60)))
    throw NotRun("no pictures at hop 7; " + test::say(*screen->process));
  const auto before = await_stats(*screen->process, "a report of the viewer", seconds(5));
  const auto pictures = look(*screen, seconds(5), seconds(setting.quick ? 60 : 510));
  const auto after = await_stats(*screen->process, "a report of the viewer", seconds(5));
  const test::Latency latency = test::glass_to_glass(pictures);
  const Share share = on_time(before, after);
  row.sample = count(static_cast<int64_t>(latency.count)) + " pictures with a stamp, " +
               count(share.frames) + " frames due";
  add_percentiles(row, latency, {}, below(500));
  row.figures.push_back({"frames on time", share.percent, "%", at_least(99.9)});
  row.figures.push_back({"hops", after.value("hop", 0.0), "", at_least(kChainHops)});
  row.notes.push_back(frame_sentence(before, after));
  row.notes.push_back("emulator's own lateness: " + wan->stats()["lateness"].dump());
  return row;
}

}  // namespace swarmcast::bench
