// Broadcasters, viewers and relays as tests start them: real processes of the program under test.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "test/support/netns.h"
#include "test/support/nut_reader.h"
#include "test/support/process.h"

namespace swarmcast::test {

inline constexpr int kFps = 20;
inline constexpr int kWidth = 640, kHeight = 360;

// Where a node runs. The default is the loopback of this machine.
struct Place {
  std::string network_namespace;
  std::string address = "127.0.0.1";
  uint16_t port = 0;                // that a node listens on
  std::vector<std::string> within;  // a command that runs the words after it in a place of its own
};
Place place(const Wan& wan, size_t host);

using Words = std::vector<std::string>;

// `swarmcast COMMAND...` with --json and --listen; nullptr if it cannot be started.
std::unique_ptr<Process> start_node(const Place& place, Words command, const Words& more = {},
                                    ProcessOptions options = {});

// The invite a node prints; empty if it does not in 10 s.
std::string invite_of(Process& node);

// Feeds a broadcaster numbered scenes as YUV4MPEG2 in real time, each stamped with the moment it
// was written, and knows which scene a stamp belongs to.
class SceneWriter {
 public:
  // Writes to `node`'s stdin, which nobody else may touch, until `count` scenes or stop().
  SceneWriter(Process& node, int count);
  ~SceneWriter() { stop(); }
  // Ends the input; the node must read on or be dead.
  void stop();
  // PSNR between a picture that arrived and the scene its stamp names; 0 if there is none.
  double likeness(const SeenPicture& seen) const;

 private:
  void run(int count);
  Process& node_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<uint64_t, int> numbers_;  // by stamp
  std::thread thread_;
};

// A broadcaster of the built-in test picture, or of numbered scenes.
struct Broadcast {
  std::unique_ptr<Process> process;
  std::unique_ptr<SceneWriter> scenes;
  std::string invite;
  ~Broadcast();
};
enum class Content { kTestPicture, kScenes };
// Fails the test and leaves `invite` empty if it does not start.
std::unique_ptr<Broadcast> go_live(const Place& place, const Words& more = {},
                                   Content content = Content::kTestPicture);

// A viewer whose pictures are looked at.
struct Viewer {
  std::unique_ptr<Process> process;
  std::unique_ptr<NutReader> reader;
  int64_t started_us = 0;
  ~Viewer() { process.reset(); }
};
std::unique_ptr<Viewer> watch(const Place& place, const std::string& invite,
                              const Words& more = {});

// A relay, with the invite it prints.
struct Relay {
  std::unique_ptr<Process> process;
  std::string invite;
};
std::unique_ptr<Relay> relay(const Place& place, const std::string& invite, const Words& more = {});

// The last `stats` event; an empty object before the first.
nlohmann::json last_stats(Process& node);
// frames.on_time / frames.expected of it; 0 if nothing was expected.
double on_time_share(const nlohmann::json& stats);
// What that is at least where the picture flows, on however busy a machine. `make bench` has the
// figures: a test of seconds counts too few frames for them, and shares its processors.
inline constexpr double kFlowing = 0.95;

// Glass to glass: arrival less stamp, of all pictures that bear one, in ms.
struct Latency {
  size_t count = 0;
  double p50 = 0, p95 = 0, p99 = 0, max = 0;
};
Latency glass_to_glass(const std::vector<SeenPicture>& pictures);
std::string to_string(const Latency& latency);

// What a failed expectation should tell: what the node said last.
std::string say(Process& node);

}  // namespace swarmcast::test
