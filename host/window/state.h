// What a window says about the stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace swarmcast::window {

struct StreamState {
  std::optional<int64_t> last_picture_us, last_sound_us;  // CLOCK_MONOTONIC, of what was presented
  bool has_picture_track = true;
  bool ended = false;
};

// After this without a picture something is wrong.
inline constexpr int64_t kQuietUs = 1'500'000;

// In capitals, for the screen; empty while the picture moves.
constexpr std::string_view words_for(const StreamState& state, int64_t now_us) {
  const auto fresh = [now_us](const std::optional<int64_t>& at) {
    return at && now_us - *at < kQuietUs;
  };
  if (state.ended) return "THE BROADCAST HAS ENDED";
  if (fresh(state.last_picture_us)) return {};
  if (fresh(state.last_sound_us)) return "SOUND ONLY";
  if (!state.last_picture_us && !state.last_sound_us) return "WAITING FOR THE STREAM";
  return "SOURCE LOST";
}

}  // namespace swarmcast::window
