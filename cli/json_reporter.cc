#include "cli/json_reporter.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace swarmcast::cli {
namespace {

using Json = nlohmann::ordered_json;

// Rounded to 1 / `parts`, so that a line stays readable.
double round_to(double v, double parts) { return std::round(v * parts) / parts; }
double to_ms(Duration d) { return round_to(static_cast<double>(d.us()) / 1e3, 100); }

std::string hex(const PeerId& peer) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (uint8_t b : peer.bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

const char* name(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::kNone:
      return "none";
    case VideoCodec::kH264:
      return "h264";
    case VideoCodec::kVp9:
      return "vp9";
    case VideoCodec::kAv1:
      return "av1";
    case VideoCodec::kVp8:
      return "vp8";
  }
  return "unknown";
}

const char* name(LinkDirection d) {
  switch (d) {
    case LinkDirection::kParent:
      return "parent";
    case LinkDirection::kChild:
      return "child";
    case LinkDirection::kBackup:
      return "backup";
    case LinkDirection::kStandby:
      return "standby";
    case LinkDirection::kOther:
      return "other";
  }
  return "other";
}

const char* name(output::LinkState s) {
  switch (s) {
    case output::LinkState::kConnecting:
      return "connecting";
    case output::LinkState::kUp:
      return "up";
    case output::LinkState::kDown:
      return "down";
  }
  return "down";
}

const char* name(transport::PathKind path) {
  switch (path) {
    case transport::PathKind::kDirect:
      return "direct";
    case transport::PathKind::kNat:
      return "nat";
    case transport::PathKind::kRelayed:
      return "relayed";
  }
  return "direct";
}

}  // namespace

template <typename Fields>
void JsonReporter::line(const char* event, const Fields& fields) {
  const double t = round_to((Loop::now() - started_).seconds_f(), 1'000);
  Json object{{"event", event}, {"t", t}};
  object.update(fields);
  // Names of files, which sentences repeat, need not be UTF-8.
  const std::string text = object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fputs(text.c_str(), out_);
  std::fflush(out_);
}

void JsonReporter::on_invite(const std::string& url) { line("invite", Json{{"url", url}}); }

void JsonReporter::on_stream(const StreamDescription& s) {
  line("stream", Json{{"width", s.width},
                      {"height", s.height},
                      {"fps", s.fps},
                      {"codec", name(s.codec)},
                      {"audio_channels", s.audio_channels},
                      {"playout_ms", to_ms(s.playout)}});
}

void JsonReporter::on_link(const output::LinkChanged& link, transport::PathKind path) {
  line("link", Json{{"peer", hex(link.peer)},
                    {"direction", name(link.direction)},
                    {"path", name(path)},
                    {"rtt_ms", to_ms(link.rtt)},
                    {"state", name(link.state)}});
}

void JsonReporter::on_stats(const session::SessionStats& stats) {
  const EngineStats& e = stats.engine;
  line("stats", Json{{"peers", e.peers},
                     {"parents", e.parents},
                     {"children", e.children},
                     {"hop", e.hop},
                     {"deepest", e.deepest},
                     {"longest_delay_ms", to_ms(e.longest_delay)},
                     {"witnesses", e.witnesses},
                     {"latency_ms",
                      {{"p50", to_ms(stats.latency.p50)},
                       {"p95", to_ms(stats.latency.p95)},
                       {"p99", to_ms(stats.latency.p99)}}},
                     {"clock_error_ms", to_ms(e.clock_error)},
                     {"playout_ms", to_ms(e.playout)},
                     {"frames",
                      {{"expected", e.frames.expected},
                       {"on_time", e.frames.on_time},
                       {"late", e.frames.late},
                       {"missing", e.frames.missing},
                       {"undecodable", e.frames.undecodable}}},
                     {"repair",
                      {{"nak_sent", e.repair.nak_sent},
                       {"nak_answered", e.repair.nak_answered},
                       {"fec_recovered", e.repair.fec_recovered},
                       {"spurious", e.repair.spurious}}},
                     {"bytes",
                      {{"media_in", e.bytes.media_in},
                       {"media_out", e.bytes.media_out},
                       {"wire_in", stats.wire_in},
                       {"wire_out", stats.wire_out}}},
                     {"drops",
                      {{"malformed", e.drops.malformed},
                       {"forged", e.drops.forged},
                       {"replayed", e.drops.replayed},
                       {"too_late", e.drops.too_late},
                       {"unexpected", e.drops.unexpected},
                       {"over_limit", e.drops.over_limit}}},
                     {"loss", round_to(e.loss, 10'000)},
                     {"bitrate_kbps", e.media_rate.kbps()},
                     {"target_kbps", e.target_rate.kbps()},
                     {"send_kbps", e.send_rate.kbps()},
                     {"shedding", e.shedding}});
}

void JsonReporter::on_picture(const session::TimedPicture& picture) {
  line("picture", Json{{"number", picture.number.value()},
                       {"capture_ms", to_ms(picture.capture - StreamTime())},
                       {"due_ms", to_ms(picture.due_in)},
                       {"latency_ms", to_ms(picture.latency)},
                       {"on_time", picture.on_time}});
}

void JsonReporter::on_notice(const std::string& sentence) {
  line("notice", Json{{"text", sentence}});
}

void JsonReporter::on_ended(const session::SessionEnd& end) {
  const Ending ending = describe(end);
  line("ended", Json{{"reason", ending.reason}, {"text", ending.sentence}});
}

}  // namespace swarmcast::cli
