// A small swarm from end to end; and that each checker sees the bug it is there for.
#include "sim/scenarios/simulation.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/checkers/faulty_engine_for_test.h"

namespace swarmcast::sim {
namespace {

Scenario small(std::string_view name = "swarm") {
  Scenario s = *find_scenario(name);
  s.viewers = 12;
  s.seconds = 5;
  s.rate = DataRate::kbps(800);
  s.uplinks.factor = 10;
  return s;
}

// Everything that a summary says.
std::string text(const Summary& s) {
  std::string out;
  for (const double v :
       {s.p50_ms.value_or(-1), s.p95_ms.value_or(-1), s.p99_ms.value_or(-1), s.hops_mean, s.on_time,
        s.stall_share, s.overhead, s.duplicates, s.uplink_used})
    out += std::to_string(v) + " ";
  return out + std::to_string(s.viewers) + " " + std::to_string(s.hops_max) + " " +
         std::to_string(s.violations);
}

std::string all_of(const Violations& violations) {
  std::string out;
  for (const Violation& v : violations.kept())
    out += "node " + std::to_string(v.node) + ": " + v.what + "\n";
  return out;
}

TEST(SimulationTest, EverybodyGetsThePicture) {
  Simulation run(small());
  const Summary s = run.run();
  EXPECT_EQ(s.violations, 0u) << all_of(run.violations());
  EXPECT_EQ(s.viewers, 12u);
  EXPECT_GT(s.on_time, 0.99);
  EXPECT_LT(s.p95_ms.value_or(1e9), 1'000);
  EXPECT_GT(s.p50_ms.value_or(0), kDeviceTime.ms() + 10);
  EXPECT_EQ(s.stall_share, 0);
  EXPECT_GE(s.hops_max, 1);
  EXPECT_GT(s.overhead, 0.1);
  EXPECT_LT(s.overhead, 0.5);
  EXPECT_LT(s.duplicates, 0.06);
  EXPECT_GT(s.uplink_used, 0);
}

// A picture that comes after its deadline is shown at once, and is late nevertheless.
TEST(SimulationTest, WhatIsShownLateIsNotOnTime) {
  Scenario s = small();
  s.playout = kMinPlayout;
  Simulation run(s);
  const Summary summary = run.run();
  EXPECT_TRUE(summary.p50_ms) << "most of it is shown";
  EXPECT_LT(summary.on_time, 0.1);
}

TEST(SimulationTest, ASeedIsOneHistory) {
  const auto play = [](uint64_t seed) {
    Scenario s = small();
    s.seed = seed;
    Simulation run(s);
    const std::string summary = text(run.run());
    return summary + " " + std::to_string(run.world().events());
  };
  EXPECT_EQ(play(3), play(3));
  EXPECT_NE(play(3), play(4));
}

TEST(SimulationTest, TheRealCryptographyGivesTheSamePicture) {
  Scenario s = small();
  s.real_crypto = true;
  Simulation run(s);
  const Summary real = run.run();
  EXPECT_EQ(real.violations, 0u) << all_of(run.violations());
  EXPECT_GT(real.on_time, 0.99);
}

TEST(SimulationTest, WhoVanishesIsReplaced) {
  Scenario s = small("churn");
  s.seconds = 20;
  s.life = Duration::seconds(30);
  Simulation run(s);
  run.run();
  EXPECT_EQ(run.violations().safety(), 0u) << all_of(run.violations());
  EXPECT_GT(run.world().size(), 15u);
  size_t alive = 0;
  for (NodeId node = 1; node < run.world().size(); ++node) alive += run.world().alive(node);
  EXPECT_EQ(alive, s.viewers);
}

TEST(SimulationTest, AShareVanishesAtOnce) {
  Scenario s = small("vanish");
  Simulation run(s);
  const Summary after = run.run();
  EXPECT_EQ(run.violations().safety(), 0u) << all_of(run.violations());
  EXPECT_LT(after.viewers, s.viewers);
  EXPECT_GT(after.viewers, s.viewers / 4);
}

TEST(SimulationTest, WhatPollutersAlterGoesNoFurther) {
  Scenario s = small("polluters");
  s.hostile = 0.3;
  Simulation run(s);
  run.run();
  EXPECT_EQ(run.violations().safety(), 0u) << all_of(run.violations());
}

TEST(SimulationTest, BehindNatsAndInBrowsersTheyFindPaths) {
  Scenario s = small("mixed");
  Simulation run(s);
  const Summary mixed = run.run();
  EXPECT_EQ(run.violations().safety(), 0u) << all_of(run.violations());
  EXPECT_GT(run.world().links_by_ice(), 0u);
  EXPECT_GT(mixed.on_time, 0.5);  // of the overlay as it is: a place behind NATs takes long
}

TEST(SimulationTest, SoundComesBesideThePicture) {
  struct Listener : Observer {
    void on_frame(Instant, NodeId, const output::Frame& o) override {
      heard += o.show && o.frame.track == kAudioTrack;
    }
    uint64_t heard = 0;
  } listener;
  Scenario s = small();
  s.sound = true;
  Simulation run(s);
  run.world().observe(listener);
  const Summary summary = run.run();
  EXPECT_EQ(summary.violations, 0u) << all_of(run.violations());
  EXPECT_GT(listener.heard, s.viewers * static_cast<uint64_t>(s.seconds) * 45);
}

// The source can feed one viewer and a half; so it is to encode less.
TEST(SimulationTest, AnAdaptiveEncoderDoesWhatItIsTold) {
  struct Weigher : Observer {
    void on_published(Instant now, const EncodedFrame& f) override {
      bytes += now >= from ? f.payload.size() : 0;
    }
    Instant from = Instant::never();
    uint64_t bytes = 0;
  };
  const auto published = [](bool adaptive) {
    Scenario s = small();
    s.viewers = 1;
    s.uplinks.source = 0.06;
    s.adaptive = adaptive;
    Weigher weigher;
    Simulation run(s);
    weigher.from = run.world().now() + Duration::seconds(6);
    run.alter_source = [](EngineOptions& o) { o.max_places = kStripes; };
    run.world().observe(weigher);
    run.run();
    return weigher.bytes;
  };
  EXPECT_LT(published(true), published(false) * 3 / 4);
}

// --- planted bugs

Violations with(const Scenario& s, const std::function<void(Simulation&)>& plant) {
  Simulation run(s);
  plant(run);
  run.run();
  return run.violations();
}

// A bug in every viewer's engine.
Violations with_bug(const std::function<void(FaultyEngine&)>& plant) {
  return with(small(), [&](Simulation& run) {
    run.world().wrap = [plant](NodeId node, std::unique_ptr<Engine> real) {
      auto engine = std::make_unique<FaultyEngine>(std::move(real));
      if (node != 0) plant(*engine);
      return engine;
    };
  });
}

// Not with every seed: hostile peers may have no children.
TEST(PlantedBugTest, ForwardsWithoutVerifying) {
  std::string all;
  for (uint64_t seed = 1; seed <= 8 && all.empty(); ++seed) {
    Scenario s = small("polluters");
    s.hostile = 0.3;
    s.viewers = 40;
    s.seed = seed;
    const Violations v = with(s, [](Simulation& run) {
      run.alter_viewer = [](EngineOptions& o) { o.safeguards.verify = false; };
    });
    if (v.safety() > 0) all = all_of(v);
  }
  EXPECT_NE(all.find("an attacker had altered"), std::string::npos) << all;
}

TEST(PlantedBugTest, ShowsOtherBytes) {
  const auto buffer = std::make_shared<std::vector<uint8_t>>();
  const Violations v = with_bug([buffer](FaultyEngine& engine) {
    engine.alter = [buffer](Output& out) {
      if (auto* frame = std::get_if<output::Frame>(&out)) {
        buffer->assign(frame->frame.payload.begin(), frame->frame.payload.end());
        buffer->back() ^= 1;
        frame->frame.payload = *buffer;
      }
      return true;
    };
  });
  EXPECT_NE(all_of(v).find("other bytes"), std::string::npos) << all_of(v);
}

TEST(PlantedBugTest, ShowsFramesTwiceAndUnknownOnes) {
  const Violations twice = with_bug([](FaultyEngine& engine) {
    engine.alter = [](Output& out) {
      if (auto* frame = std::get_if<output::Frame>(&out))
        frame->frame.number = FrameNumber(frame->frame.number.value() / 2 * 2);
      return true;
    };
  });
  EXPECT_NE(all_of(twice).find(" after "), std::string::npos) << all_of(twice);
  const Violations unknown = with_bug([](FaultyEngine& engine) {
    engine.alter = [](Output& out) {
      if (auto* frame = std::get_if<output::Frame>(&out))
        frame->frame.number = FrameNumber(frame->frame.number.value() + 100'000);
      return true;
    };
  });
  EXPECT_NE(all_of(unknown).find("never published"), std::string::npos) << all_of(unknown);
}

TEST(PlantedBugTest, ShowsWhatMustHaveBeenWiped) {
  const Violations v = with_bug([](FaultyEngine& engine) {
    engine.alter = [](Output& out) {
      if (auto* frame = std::get_if<output::Frame>(&out))
        frame->present_at = frame->present_at + kDefaultRingSpan;
      return true;
    };
  });
  EXPECT_NE(all_of(v).find("must have been wiped"), std::string::npos) << all_of(v);
}

TEST(PlantedBugTest, IsDeeperThanSevenHops) {
  const Violations v = with_bug([](FaultyEngine& engine) {
    engine.alter_stats = [](EngineStats& stats) { stats.hop += kMaxDepth; };
  });
  EXPECT_NE(all_of(v).find("hops from the source"), std::string::npos) << all_of(v);
}

// Two who adopt each other, unlike what they say of their depth.
TEST(PlantedBugTest, IsDeeperThanItSays) {
  const Violations v = with_bug([](FaultyEngine& engine) {
    const auto child = std::make_shared<std::optional<LinkId>>();
    engine.alter = [child](Output& out) {
      const auto* changed = std::get_if<output::LinkChanged>(&out);
      if (changed && changed->direction == LinkDirection::kChild) *child = changed->link;
      return true;
    };
    engine.alter_parent = [child](std::optional<LinkId>& parent) {
      if (*child) parent = *child;
    };
  });
  EXPECT_NE(all_of(v).find("too many hops"), std::string::npos) << all_of(v);
}

TEST(PlantedBugTest, OpensLinkUponLink) {
  const Violations v = with_bug([](FaultyEngine& engine) {
    const auto dialled = std::make_shared<std::optional<output::OpenLink>>();
    engine.alter = [dialled](Output& out) {
      if (const auto* open = std::get_if<output::OpenLink>(&out)) *dialled = *open;
      return !std::holds_alternative<output::CloseLink>(out);
    };
    engine.say_more = [dialled, more = uint32_t{0}]() mutable -> std::optional<Output> {
      if (!*dialled || more > 2 * kMaxLinks) return std::nullopt;
      (*dialled)->link = LinkId(0x1000 + ++more);
      return **dialled;
    };
  });
  EXPECT_NE(all_of(v).find(" links"), std::string::npos) << all_of(v);
}

TEST(PlantedBugTest, SendsMoreThanAPacketHolds) {
  const std::vector<uint8_t> huge(kMaxMessageSize + 1, 7);
  const Violations v = with_bug([&huge](FaultyEngine& engine) {
    engine.alter = [&huge, sent = 0](Output& out) mutable {
      if (auto* o = std::get_if<output::Transmit>(&out); o && ++sent % 100 == 0) o->message = huge;
      return true;
    };
  });
  EXPECT_NE(all_of(v).find("a message of"), std::string::npos) << all_of(v);
}

// Memory that is never touched takes none of the machine's.
TEST(PlantedBugTest, GrowsWithEveryMessage) {
  if (MemoryChecker::allocated() == 0) GTEST_SKIP() << "this allocator does not count";
  const Violations v = with_bug([](FaultyEngine& engine) {
    const auto hoard = std::make_shared<std::vector<std::unique_ptr<uint8_t[]>>>();
    engine.on_input = [hoard] {
      if (hoard->size() < 500)
        hoard->push_back(std::make_unique_for_overwrite<uint8_t[]>(256 << 10));
    };
  });
  EXPECT_NE(all_of(v).find("all engines together"), std::string::npos) << all_of(v);
}

TEST(PlantedBugTest, WritesBesideItsMemory) {
  const Violations v = with(small(), [](Simulation& run) {
    World& world = run.world();
    world.schedule(world.now() + Duration::seconds(3),
                   [&world] { world.payload().bytes(0)[kMaxMessageSize / 2] ^= 1; });
  });
  EXPECT_NE(all_of(v).find("beside its memory"), std::string::npos) << all_of(v);
}

TEST(PlantedBugTest, RelaysNothing) {
  Scenario s = small();
  s.viewers = 40;
  const Violations v = with(s, [](Simulation& run) {
    run.alter_viewer = [](EngineOptions& o) { o.safeguards.relay = false; };
  });
  EXPECT_GT(v.liveness(), 0u);
}

TEST(PlantedBugTest, StopsShowing) {
  const Violations v = with_bug([](FaultyEngine& engine) {
    engine.alter = [shown = 0](Output& out) mutable {
      return !std::holds_alternative<output::Frame>(out) || ++shown < 50;
    };
  });
  EXPECT_NE(all_of(v).find("no further picture"), std::string::npos) << all_of(v);
  EXPECT_EQ(v.safety(), 0u) << all_of(v);
}

TEST(PlantedBugTest, NeverShows) {
  const Violations v = with_bug([](FaultyEngine& engine) {
    engine.alter = [](Output& out) { return !std::holds_alternative<output::Frame>(out); };
  });
  EXPECT_NE(all_of(v).find("no first picture"), std::string::npos) << all_of(v);
}

}  // namespace
}  // namespace swarmcast::sim
