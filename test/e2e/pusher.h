// Senders that push into a broadcaster, or let it pull: the ffmpeg program, over loopback.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "test/e2e/nodes.h"

namespace swarmcast::test {

bool has_ffmpeg();

// A port nobody has at the moment, nor gets unasked: the kernel gives away higher ones. `type` is
// SOCK_DGRAM or SOCK_STREAM.
uint16_t free_port(int type);

// Sends stamped scenes in real time, so that what arrives can be told from anything else.
struct Pusher {
  // Words for ffmpeg: `inputs` besides the scenes, and `more` before `-f FORMAT URL`.
  Pusher(const std::string& url, const std::string& format, const Words& more = {},
         const Words& inputs = {});
  ~Pusher();
  std::unique_ptr<Process> process;
  std::unique_ptr<SceneWriter> scenes;
};

// A broadcaster of `input`, an address at which it waits.
std::unique_ptr<Process> waiting_broadcast(const std::string& input, const Words& more = {});

bool wait_notice(Process& node, const std::string& words, size_t from = 0);

// Waits until a viewer has shown `count` of the scenes after its picture number `from`; the number
// of the first of them.
std::optional<size_t> wait_scenes(const Viewer& viewer, const SceneWriter& scenes, size_t count,
                                  size_t from = 0);

// Nearly all that a viewer shows from picture `from` on is a scene that was pushed.
void expect_scenes(const Viewer& viewer, const SceneWriter& scenes, size_t from);

// A picture with words across its middle.
bool is_card(const SeenPicture& picture);

}  // namespace swarmcast::test
