// One hop beside SRT's, plain and with its packet filter, on the same emulated networks at once.
#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "bench/hop_vs_srt/cells.h"
#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

// Of libsrt 1.5: 10 columns and 5 rows, that is one parity packet for 10 and one for 5 across, sent
// always, with retransmission as well.
constexpr const char* kSrtFilter = "fec,cols:10,rows:5,layout:even,arq:always";
constexpr uint16_t kPairPort = 7'000;
// Three or four pairs a cell; more at once would saturate two cores.
constexpr size_t kCellsAtOnce = 3;
constexpr milliseconds kPairStartTime{20'000};
constexpr seconds kPairLimit{1'200};
constexpr int kBlackoutMs = 2'000, kBlackoutEveryMs = 10'000;

enum class System { kOurs, kSrt, kSrtFec, kTimeout };
constexpr const char* kNames[] = {"ours", "SRT", "SRT + FEC", "time-out"};
constexpr const char* kRoles[] = {"swarm-", "srt-", "srt-", "timeout-"};

struct Reading {
  double forward = 0, backward = 0;  // bytes on the interfaces
  double cpu = 0;                    // s, both ends
};

struct Pair {
  const Cell* cell = nullptr;
  System system = System::kOurs;
  size_t from = 0, to = 0;  // hosts
  uint32_t frames = 0;
  Reading begin, end;
  nlohmann::json sent, result;
  // Logs in pieces: of fragments; of blocks on time; of repairs by time-out.
  std::vector<nlohmann::json> first_sent, repaired, arrivals, timeouts;
  std::vector<int64_t> lights_on_us;  // ends of blackouts
  std::string failure;

  double payload() const { return static_cast<double>(frames) * kFrameBytes; }
  bool ours() const { return system == System::kOurs; }
  double on_time() const {
    return 100 * result["on_time"].get<double>() / result["blocks"].get<double>();
  }
  double overhead() const {
    return 100 * ((end.forward + end.backward - begin.forward - begin.backward) / payload() - 1);
  }
  double backward() const { return 100 * (end.backward - begin.backward) / payload(); }
  double cpu() const { return 1e3 * (end.cpu - begin.cpu) / (payload() * 8 / 1e6); }
};

bool times_repairs(const Cell& cell) { return cell.loss == 0.05 && cell.burst <= 1; }

class Runner {
 public:
  Runner(test::Wan& wan, std::mutex& wan_mutex, Pair& pair)
      : wan_(wan), wan_mutex_(wan_mutex), pair_(pair) {}

  // On the pair's own thread: its processes live as long as that.
  void run() {
    const auto sender = start(pair_.from, "send", "--listen",
                              wan_.address(pair_.from) + ":" + std::to_string(kPairPort));
    if (!sender) return;
    const auto invite = sender->wait_event("invite", kPairStartTime);
    if (!invite) return fail("the sender did not start: " + sender->text());
    const auto receiver = start(pair_.to, "receive", "--connect", (*invite)["url"]);
    if (!receiver) return;
    if (!sender->wait_event("begin", kPairStartTime)) return fail("no stream: " + sender->text());
    pair_.begin = read(*sender, *receiver);
    if (pair_.cell->blackout) cut_often();
    const milliseconds length(pair_.frames * kFramePeriod.us() / 1'000);
    if (!sender->wait_event("end", length + kPairStartTime)) return fail("the sender stopped");
    pair_.end = read(*sender, *receiver);
    pair_.sent = sender->wait_event("sent", kPairStartTime).value_or(nlohmann::json());
    const auto result = receiver->wait_event("result", kPairStartTime);
    if (!result) return fail("the receiver gave no result: " + receiver->text());
    pair_.result = *result;
    pair_.first_sent = sender->events("log");
    pair_.repaired = receiver->events("log");
    pair_.arrivals = receiver->events("arrivals");
    pair_.timeouts = receiver->events("repairs");
  }

 private:
  std::unique_ptr<Process> start(size_t host, const char* role, const char* how,
                                 const std::string& where) {
    const Cell& cell = *pair_.cell;
    const int64_t deadline = cell.deadline().us() / 1'000;
    const bool log = cell.blackout || (pair_.ours() && times_repairs(cell));
    Words words = {test::program("hop_peer"),
                   kRoles[static_cast<size_t>(pair_.system)] + std::string(role), how, where,
                   "--frames", std::to_string(pair_.frames), "--deadline", std::to_string(deadline),
                   "--latency",
                   // Our playout delay counts from capture, SRT's latency from arrival.
                   std::to_string(pair_.ours() ? deadline : cell.budget_ms)};
    if (pair_.system == System::kSrtFec) words.insert(words.end(), {"--filter", kSrtFilter});
    if (log) words.push_back("--log");
    auto process = Process::start(
        {.command = words, .network_namespace = wan_.network_namespace(host), .limit = kPairLimit});
    if (!process) fail("cannot start " + words[0]);
    return process;
  }

  void fail(const std::string& why) { pair_.failure = why; }

  Reading read(const Process& sender, const Process& receiver) const {
    return {.forward = static_cast<double>(wan_.counters(pair_.from).sent_bytes),
            .backward = static_cast<double>(wan_.counters(pair_.to).sent_bytes),
            .cpu = sender.cpu_seconds() + receiver.cpu_seconds()};
  }

  void cut_often() {
    const int64_t end_us = test::monotonic_us() + int64_t{pair_.frames} * kFramePeriod.us();
    for (int64_t at_us = test::monotonic_us() + kBlackoutEveryMs * 500;
         at_us + kBlackoutEveryMs * 500 < end_us; at_us += kBlackoutEveryMs * 1'000) {
      std::this_thread::sleep_for(std::chrono::microseconds(at_us - test::monotonic_us()));
      const std::lock_guard lock(wan_mutex_);
      wan_.cut(pair_.from, pair_.to, std::to_string(kBlackoutMs) + "ms");
      pair_.lights_on_us.push_back(test::monotonic_us() + kBlackoutMs * 1'000);
    }
  }

  test::Wan& wan_;
  std::mutex& wan_mutex_;
  Pair& pair_;
};

// From the end of a blackout to the first block that is on time again, ms; the worst of all.
double live_edge_ms(const Pair& pair) {
  double worst = 0;
  for (const int64_t on_us : pair.lights_on_us) {
    int64_t first_us = INT64_MAX;
    for (const auto& piece : pair.arrivals)
      for (const auto& at : piece["at_us"])
        if (at.get<int64_t>() > on_us) first_us = std::min(first_us, at.get<int64_t>());
    worst = std::max(worst, static_cast<double>(first_us - on_us) / 1e3);
  }
  return worst;
}

// Times from the first sending of a lost fragment, less one way, to the arrival of its repair.
std::vector<double> repair_times_ms(const Pair& pair) {
  std::map<std::pair<int64_t, int64_t>, int64_t> sent_us;
  for (const auto& piece : pair.first_sent)
    for (const auto& s : piece["fragments"])
      sent_us[{s[0].get<int64_t>(), s[1].get<int64_t>()}] = s[2].get<int64_t>();
  std::vector<double> out;
  for (const auto& piece : pair.repaired) {
    for (const auto& r : piece["fragments"]) {
      const auto sent = sent_us.find({r[0].get<int64_t>(), r[1].get<int64_t>()});
      if (sent == sent_us.end() || r[0].get<uint32_t>() < kWarmUpFrames) continue;
      const int64_t us = r[2].get<int64_t>() - sent->second - pair.cell->one_way().us();
      out.push_back(static_cast<double>(us) / 1e3);
    }
  }
  return out;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return values.empty() ? kNotMeasured : sum / static_cast<double>(values.size());
}

// The same for the sender that waits for its time-outs.
std::vector<double> timeout_times_ms(const Pair& pair) {
  std::vector<double> out;
  for (const auto& piece : pair.timeouts)
    for (const auto& after : piece["after_us"])
      out.push_back(static_cast<double>(after.get<int64_t>() - pair.cell->one_way().us()) / 1e3);
  return out;
}

void add_repair_times(const Pair& ours, const Pair& by_timeout, Row& row) {
  const std::vector<double> times = repair_times_ms(ours), others = timeout_times_ms(by_timeout);
  const double nak = mean(times), timeout = mean(others);
  row.figures.push_back({"repair beyond one way, mean", nak, "ms", {}});
  row.figures.push_back({"repair beyond one way, p95", percentile(times, 0.95), "ms", {}});
  row.figures.push_back({"by time-out, mean", timeout, "ms", {}});
  row.figures.push_back({"by time-out, p95", percentile(others, 0.95), "ms", {}});
  const bool measured = !times.empty() && !others.empty();
  row.figures.push_back({"time-out / ours", measured ? timeout / nak : kNotMeasured, "",
                         ours.cell->rtt_ms == 60 ? std::optional(at_least(3)) : std::nullopt});
  row.notes.push_back("repairs: " + count(static_cast<int64_t>(times.size())) + " ours, " +
                      count(static_cast<int64_t>(others.size())) + " by time-out" +
                      (by_timeout.failure.empty() ? "" : ": " + by_timeout.failure));
}

void add_bounded(const Cell& cell, const Pair& pair, Row& row) {
  const std::string who = std::string(", ") + kNames[static_cast<size_t>(pair.system)];
  if (!pair.failure.empty()) {
    row.notes.push_back(who.substr(2) + " not measured: " + pair.failure);
    return;
  }
  const bool ours = pair.ours();
  const auto bound = [&](double value, Bound b) {
    return ours && value > 0 ? std::optional(b) : std::nullopt;
  };
  row.figures.push_back(
      {"on time" + who, pair.on_time(), "%", bound(cell.on_time, at_least(100 * cell.on_time))});
  row.figures.push_back({"overhead both ways" + who, pair.overhead(), "%",
                         bound(cell.overhead, at_most(100 * cell.overhead))});
  row.figures.push_back({"of it backward" + who, pair.backward(), "%", {}});
  row.figures.push_back({"both ends" + who, pair.cpu(), "core-ms/Mbit", {}});
  if (cell.blackout)
    row.figures.push_back({"live edge, worst" + who, live_edge_ms(pair), "ms",
                           ours ? std::optional(at_most(500)) : std::nullopt});
}

Row describe(std::span<const Pair> pairs, const nlohmann::json& wan_stats) {
  const Pair& ours = pairs.front();
  const Cell& cell = *ours.cell;
  Row row{.id = "srt",
          .title = "one hop, RTT " + std::to_string(cell.rtt_ms) + " ms, " + cell.name +
                   ", budget " + std::to_string(cell.budget_ms) + " ms",
          .sample = count(int64_t{ours.frames} * kBlocksPerFrame) + " blocks each"};
  for (const Pair& pair : pairs)
    if (pair.system != System::kTimeout) add_bounded(cell, pair, row);
  if (!ours.failure.empty()) {
    row.not_run = ours.failure;
    return row;
  }
  const auto& repair = ours.result["repair"];
  const double asked = repair["asked"].get<double>(), spurious = repair["spurious"].get<double>();
  const auto path = test::Wan::path_stats(wan_stats, ours.from, ours.to);
  if (cell.reorder_ms > 0)
    row.figures.push_back({"spurious repairs, of messages, ours",
                           100 * spurious / path.value("packets_in", 1.0), "%", at_most(3)});
  if (times_repairs(cell)) add_repair_times(ours, pairs.back(), row);
  row.notes.push_back("ours asked again for " + count(static_cast<int64_t>(asked)) +
                      " (needlessly " + count(static_cast<int64_t>(spurious)) +
                      "), rebuilt from parity " + count(repair["fec_recovered"].get<int64_t>()) +
                      "; emulator's lateness: " + wan_stats["lateness"].dump());
  return row;
}

// Some cells at once, every pair on two hosts of its own.
std::vector<Row> run_some(std::span<const Cell* const> cells, uint32_t frames) {
  const Watch watch;
  std::vector<Pair> pairs;
  for (const Cell* cell : cells) {
    for (const System system : {System::kOurs, System::kSrt, System::kSrtFec, System::kTimeout}) {
      if (system == System::kTimeout && !times_repairs(*cell)) continue;
      pairs.push_back({.cell = cell,
                       .system = system,
                       .from = 2 * pairs.size(),
                       .to = 2 * pairs.size() + 1,
                       .frames = frames});
    }
  }
  const auto wan = make_wan(2 * pairs.size(), "delay=30ms");
  std::mutex wan_mutex;
  for (const Pair& pair : pairs) {
    const Cell& cell = *pair.cell;
    const std::string settings = "delay=" + std::to_string(cell.one_way().us()) +
                                 "us loss=" + std::to_string(cell.loss) +
                                 " burst=" + std::to_string(cell.burst) +
                                 " reorder=" + std::to_string(cell.reorder_ms) + "ms";
    if (!wan->link(pair.from, pair.to, settings)) throw NotRun("the emulator refused " + settings);
  }
  std::vector<std::thread> threads;
  for (Pair& pair : pairs) threads.emplace_back([&] { Runner(*wan, wan_mutex, pair).run(); });
  for (std::thread& thread : threads) thread.join();
  const auto stats = wan->stats();
  std::vector<Row> rows;
  for (const Cell* cell : cells) {
    const auto of_cell =
        std::ranges::equal_range(pairs, cell, {}, [](const Pair& pair) { return pair.cell; });
    rows.push_back(describe(of_cell, stats));
    watch.finish(rows.back());
  }
  return rows;
}

void run_all(std::span<const Cell* const> cells, uint32_t frames, std::vector<Row>& rows) {
  for (size_t i = 0; i < cells.size(); i += kCellsAtOnce) {
    const auto some = cells.subspan(i, std::min(kCellsAtOnce, cells.size() - i));
    const auto more = run_some(some, frames);
    rows.insert(rows.end(), more.begin(), more.end());
  }
}

}  // namespace

std::vector<Row> hop_vs_srt(const Setting& setting) {
  // 0.1 % of late blocks is 40 of 4,000 frames' and 10 of 1,000'. At a loss of 20 % chance alone
  // moves the overhead by 0.7 points in 1,000 frames: what has a bound for it is counted longer.
  const uint32_t frames = setting.thorough ? 4'000 : (setting.quick ? 400 : 1'000);
  const uint32_t bound_frames = setting.quick ? 400 : 4'000;
  std::vector<const Cell*> bounded, others;
  for (const Cell& cell : cells())
    if (cell.quick || !setting.quick) (cell.overhead > 0 ? bounded : others).push_back(&cell);
  std::vector<Row> rows;
  run_all(bounded, bound_frames, rows);
  run_all(others, frames, rows);
  return rows;
}

}  // namespace swarmcast::bench
