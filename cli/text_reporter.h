// For people: the invite as URL and QR, then one line that updates. Colours, QR and the moving
// line only on a terminal; elsewhere a plain line every ten seconds.
#pragma once

#include <cstdio>
#include <string>

#include "cli/endings.h"
#include "host/session/session.h"

namespace swarmcast::cli {

class TextReporter final : public session::SessionObserver {
 public:
  TextReporter(std::FILE* out, bool is_source);

  void on_invite(const std::string& url) override;
  void on_stream(const StreamDescription& stream) override;
  void on_link(const output::LinkChanged& link, transport::PathKind path) override;
  void on_stats(const session::SessionStats& stats) override;
  void on_notice(const std::string& sentence) override;
  void on_ended(const session::SessionEnd& end) override;

 private:
  void say(const std::string& sentence);
  void clear_status();
  std::string status(const session::SessionStats& stats) const;

  std::FILE* out_;
  bool terminal_;
  bool is_source_;
  bool status_shown_ = false;
  bool had_parent_ = false;
  int seconds_ = 0;
};

}  // namespace swarmcast::cli
