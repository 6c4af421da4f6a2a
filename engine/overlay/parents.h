// The upward half: finding a parent, keeping a warm backup, replacing a lost parent.
#pragma once

#include <deque>
#include <optional>

#include "engine/overlay/context.h"

namespace swarmcast::overlay {

class Parents {
 public:
  explicit Parents(Context& context) : ctx_(context) {}

  void start(Instant now);
  // A link we dialled is proven, or failed (`entry` answered wrongly or not at all).
  void on_ready(Instant now, Neighbour& n);
  void on_dial_failed(Instant now, LinkId link);
  void on_accept(Instant now, Neighbour& from, const wire::body::Accept& accept);
  void on_refer(Instant now, Neighbour& from, const wire::body::Refer& refer);
  void on_state(Instant now, Neighbour& from, const wire::body::State& state);
  void on_contacts(Neighbour& from, const wire::body::Contacts& contacts);
  // The link is gone, or its peer said goodbye.
  void on_gone(Instant now, Neighbour& gone);
  // The parent has been silent for too long, but its link is still there.
  void on_silent(Instant now, LinkId parent);
  // It speaks again.
  void on_speaks(LinkId parent);
  void on_timeout(Instant now);
  Instant next_timeout() const;

  std::optional<LinkId> parent() const { return parent_; }
  bool has_backup() const;

 private:
  struct Attempt {
    LinkId link;
    PeerId peer;
    bool standby = false;
    Instant since;
  };

  void seek(Instant now);
  bool try_backup(Instant now);
  void try_next_candidate(Instant now);
  void schedule_retry(Instant now);
  void seek_backup(Instant now);
  void approach(Instant now, const Contact& contact, bool standby);
  void ask(Instant now, Neighbour& n, wire::body::Purpose purpose);
  void adopt(Instant now, Neighbour& parent);
  void lose_parent(Instant now);
  void refresh_position();
  void add_candidate(const Contact& contact);
  bool usable_as_parent(const Neighbour& n) const;
  bool entry_is(const Contact& contact) const;
  void fail(Failure why);

  Context& ctx_;
  std::optional<LinkId> parent_;
  std::deque<Contact> candidates_;       // to try while we have no parent
  std::deque<Contact> backup_contacts_;  // as our parent told
  std::vector<Attempt> attempts_;        // dials and questions under way
  Instant retry_at_ = Instant::never();
  Instant backup_at_ = Instant::never();
  Instant lost_since_ = Instant::never();
  Instant full_since_ = Instant::never();
  Instant starved_since_ = Instant::never();
  uint32_t dialled_ = 0;
  int entry_tries_ = 0;
  bool seeking_ = false;
  bool moving_ = false;  // a guest with a parent, looking for a better one
  bool ever_attached_ = false;
  bool failed_ = false;
};

}  // namespace swarmcast::overlay
