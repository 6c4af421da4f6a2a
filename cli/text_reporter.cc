#include "cli/text_reporter.h"

#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/print.h"
#include "cli/qr.h"

namespace swarmcast::cli {
namespace {

constexpr int kPlainStatusEvery = 10;  // seconds

// Share of the frames due so far that came too late or never.
double lost_share(const FrameCounts& f) {
  return f.expected == 0 ? 0
                         : 100.0 * static_cast<double>(f.expected - f.on_time) /
                               static_cast<double>(f.expected);
}

}  // namespace

TextReporter::TextReporter(std::FILE* out, bool is_source)
    : out_(out), terminal_(isatty(fileno(out)) == 1), is_source_(is_source) {}

void TextReporter::clear_status() {
  if (status_shown_ && terminal_) std::fputs("\r\x1b[K", out_);
  status_shown_ = false;
}

void TextReporter::say(const std::string& sentence) {
  clear_status();
  print(out_, "{}\n", sentence);
  std::fflush(out_);
}

void TextReporter::on_invite(const std::string& url) {
  if (terminal_) {
    if (const auto qr = qr_for_terminal(url)) say("\n" + *qr);
  }
  say(is_source_ ? "You are live. Whoever has this invite can watch, and learns this address:"
                 : "Others can join through you with this invite (it shows them your address):");
  say(terminal_ ? "\x1b[1m  " + url + "\x1b[0m\n" : "  " + url);
}

void TextReporter::on_stream(const StreamDescription& s) {
  if (s.codec == VideoCodec::kNone) return say("Stream: sound only.");
  say(fmt::format("Stream: {}x{}, {} pictures a second, {}.", s.width, s.height, s.fps,
                  s.audio_channels > 0 ? "with sound" : "no sound"));
}

void TextReporter::on_link(const output::LinkChanged& link, transport::PathKind) {
  if (link.direction != LinkDirection::kParent) return;
  if (link.state == output::LinkState::kUp) {
    if (had_parent_) say("Connected to another node; the stream goes on.");
    had_parent_ = true;
  } else if (link.state == output::LinkState::kDown) {
    say("Lost the node that sent us the stream; looking for another.");
  }
}

std::string TextReporter::status(const session::SessionStats& s) const {
  const EngineStats& e = s.engine;
  if (is_source_) {
    std::string line =
        fmt::format("LIVE  {} watching  {} kbit/s", e.witnesses, e.media_rate.kbps());
    if (e.witnesses > 0 && e.longest_delay.us() > 0)
      line += fmt::format("  {} ms behind at most  {} hops", e.longest_delay.ms(), e.deepest);
    return line + fmt::format("  loss {:.1f} %", 100 * e.loss);
  }
  if (e.hop == 0) return "connecting ...";
  std::string line =
      fmt::format("{} watching  {} kbit/s  hop {}", e.witnesses, e.media_rate.kbps(), e.hop);
  if (s.latency.p50.us() > 0)
    line += fmt::format("  {} ms behind (p95 {} ms)", s.latency.p50.ms(), s.latency.p95.ms());
  return line + fmt::format("  loss {:.1f} %  pictures missed {:.2f} %  children {}", 100 * e.loss,
                            lost_share(e.frames), e.children);
}

void TextReporter::on_stats(const session::SessionStats& stats) {
  if (terminal_) {
    print(out_, "\r{}\x1b[K", status(stats));
    status_shown_ = true;
  } else if (++seconds_ % kPlainStatusEvery == 0) {
    print(out_, "{}\n", status(stats));
  }
  std::fflush(out_);
}

void TextReporter::on_notice(const std::string& sentence) { say(sentence); }

void TextReporter::on_ended(const session::SessionEnd& end) {
  const Ending ending = describe(end);
  if (ending.exit_code == kExitOk) return say(ending.sentence);
  clear_status();
  std::fflush(out_);
  print(stderr, "swarmcast: {}\n", ending.sentence);
}

}  // namespace swarmcast::cli
