// --json: one object a line with "event" and "t" (seconds since start). See docs/cli.md.
#pragma once

#include <cstdio>

#include "cli/endings.h"
#include "host/session/session.h"

namespace swarmcast::cli {

class JsonReporter final : public session::SessionObserver {
 public:
  // Writes to `out` and flushes after every line.
  JsonReporter(std::FILE* out, Instant started) : out_(out), started_(started) {}

  void on_invite(const std::string& url) override;
  void on_stream(const StreamDescription& stream) override;
  void on_link(const output::LinkChanged& link, transport::PathKind path) override;
  void on_stats(const session::SessionStats& stats) override;
  void on_picture(const session::TimedPicture& picture) override;
  void on_notice(const std::string& sentence) override;
  void on_ended(const session::SessionEnd& end) override;

 private:
  template <typename Fields>
  void line(const char* event, const Fields& fields);

  std::FILE* out_;
  Instant started_;
};

}  // namespace swarmcast::cli
