// One broadcast, watched, relayed or sent by this process: the engine, its links and its media
// on one event loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/api/engine.h"
#include "host/loop/loop.h"
#include "host/rendezvous/web_bundle.h"
#include "host/transport/ice_options.h"
#include "host/transport/link.h"

namespace swarmcast::session {

struct MediaInput {
  std::string spec;  // as CaptureOptions::input
  int width = 0;
  int height = 0;
  int fps = 20;
  int bitrate_kbps = 800;
  VideoCodec codec = VideoCodec::kH264;
  bool sound = true;
  std::optional<int> return_seconds;  // as CaptureOptions::return_seconds
};

// What becomes of a viewer's frames: nothing (a relay has none), timed and thrown away, decoded and
// thrown away, written to stdout, shown.
enum class Sink { kNone, kTimed, kNull, kStdout, kWindow };

struct SessionOptions {
  EngineOptions engine;  // seed and fingerprint are filled in by the session
  Endpoint listen;
  transport::TransportOptions transport;
  std::string advertised_host;       // in the invite; empty: the address found
  std::string origin;                // of the invite: where the entry's gateway is
  std::optional<Bytes<16>> meeting;  // of the invite: the entry waits there, and cannot be dialled
  rendezvous::WebBundle web;         // what our own gateway serves
  std::optional<MediaInput> input;   // source
  bool all_interfaces = false;       // source: be reached over each of them, if listening on all
  Sink sink = Sink::kNone;           // viewer
};

// Percentiles over the frames presented in the last 10 s; zero before the first.
struct LatencySummary {
  Duration p50, p95, p99;
};

struct SessionStats {
  EngineStats engine;
  LatencySummary latency;  // capture to presentation
  uint64_t wire_in = 0;    // bytes, IP header up
  uint64_t wire_out = 0;
};

// A picture that was given out to be shown, with Sink::kTimed.
struct TimedPicture {
  FrameNumber number;
  StreamTime capture;
  Duration latency;  // capture to presentation, by our estimate of the source's clock
  Duration due_in;   // from now to presentation
  bool on_time = false;
};

// Why it ended, in the engine's terms or the host's.
struct SessionEnd {
  enum class Cause { kEngine, kInputEnded, kInputFailed, kOutputFailed, kLocal };
  Cause cause = Cause::kEngine;
  output::EndReason engine_reason = output::EndReason::kStopped;
  std::string sentence;  // what happened and what to do, for a person
};

// All calls come on the loop's thread.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void on_invite(const std::string& url) = 0;
  virtual void on_stream(const StreamDescription& stream) = 0;
  virtual void on_link(const output::LinkChanged& link, transport::PathKind path) = 0;
  virtual void on_stats(const SessionStats& stats) = 0;  // every second
  virtual void on_picture(const TimedPicture&) {}
  virtual void on_notice(const std::string& sentence) = 0;
  virtual void on_ended(const SessionEnd& end) = 0;  // once
  // The last call: nothing is shown any more either. A window says for a moment that it is over.
  virtual void on_finished() {}
};

class Session {
 public:
  Session(Loop& loop, const SessionOptions& options, SessionObserver& observer);
  ~Session();

  // Opens the port and the media; a sentence if that fails (nothing runs then).
  std::optional<SessionEnd> start();
  // Ends in good order: says goodbye (a source: tombstone), then on_ended. After that it only cuts
  // short what a window still shows.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swarmcast::session
