// The upward half of a tree: finding a parent, keeping a warm backup, replacing a lost parent.
#pragma once

#include <optional>
#include <vector>

#include "engine/overlay/candidates.h"
#include "engine/overlay/context.h"

namespace swarmcast::overlay {

class Parents {
 public:
  explicit Parents(Context& context) : ctx_(context) {}

  void start(Instant now);
  // A link we dialled or called is proven, or failed.
  void on_ready(Instant now, Neighbour& n);
  void on_dial_failed(Instant now, LinkId link);
  void on_entry_record(Instant now, const PeerRecord& record);
  void on_accept(Instant now, Neighbour& from, const wire::body::Accept& accept);
  void on_refer(Instant now, Neighbour& from, const wire::body::Refer& refer);
  void on_state(Instant now, Neighbour& from, const wire::body::State& state);
  void on_contacts(Instant now, const Neighbour& from, const wire::body::Contacts& contacts);
  void on_link_moved(LinkId from, LinkId to);
  // The link is gone, or its peer said goodbye.
  void on_gone(Instant now, const Neighbour& gone);
  // The parent has been silent for too long, but its link is still there.
  void on_silent(Instant now, LinkId parent);
  // It speaks again.
  void on_speaks(LinkId parent);
  // It speaks, and does not send what it should.
  void on_withheld(Instant now, LinkId parent);
  // Its link to us is too slow for all layers, or no longer so.
  void on_shed(Instant now, bool here);
  void on_timeout(Instant now);
  Instant next_timeout() const;

  // Why it has given up; on resume() it begins again.
  std::optional<Failure> failed() const { return failed_; }
  void resume(Instant now);

  std::optional<LinkId> parent() const { return parent_; }
  bool has_backup() const;
  // Candidates may have to be called through neighbours that mean nothing else to us.
  bool needs_steps() const;

 private:
  enum class Search {
    kNone,
    kParent,  // we have none, or ours is silent or an orphan
    kMove,    // ours is well, but we are its guest, or do not get all layers
  };
  // A dial, a knock, both side by side, or a question under way.
  struct Attempt {
    std::optional<LinkId> link;  // dialled, or being asked; none: it failed, the knock may not
    Contact contact;
    bool standby = false;
    Instant since;
    std::optional<LinkId> knock;
    Instant knock_at = Instant::never();
    bool wants_path = false;  // to our entry, which cannot be knocked yet

    bool is_on(LinkId l) const { return link == l || knock == l; }
    Instant deadline() const { return since + (knock ? kKnockTimeout : kAttemptTimeout); }
  };

  // --- parents_search.cc: whom to ask, and when
  void search(Instant now, Instant patience);
  void search_for_own_place(Instant now);
  void stop_search();
  bool ask_backup(Instant now);
  void step(Instant now);
  void begin_next_round(Instant now);
  bool worth_asking(Instant now, const Contact& contact, bool standby);
  void approach(Instant now, const Contact& contact, bool standby);
  void ask(Instant now, Neighbour& n, wire::body::Purpose purpose);
  bool is_entry(const Contact& contact) const;
  void knock(Instant now, Attempt& attempt);
  void knock_waiting(Instant now);
  std::vector<Attempt>::iterator attempt_on(LinkId link);
  void attempt_failed(Instant now, LinkId link);
  void abandon(Instant now, std::vector<Attempt>::iterator attempt);
  void drop_late_attempts(Instant now);
  size_t asking() const;
  bool asking_for_standby() const;
  void plan_backup(Instant now);
  void seek_backup(Instant now);

  // --- parents.cc: what we are to each other
  void adopt(Instant now, Neighbour& parent, bool guest);
  void adopt_backup(Instant now, Neighbour& backup);
  void release(Instant now, Neighbour& n);
  void lose_parent(Instant now);
  void refresh_position(Instant now);
  const Neighbour* parent_neighbour() const;
  bool usable(const Neighbour& n) const;
  bool good_backup(const Neighbour& n) const;
  bool covered() const;  // has a good backup
  void fail(Failure why);

  Context& ctx_;
  std::optional<LinkId> parent_;
  bool guest_ = false;     // of our parent
  bool shed_ = false;      // its link to us is too slow
  bool withheld_ = false;  // it does not send what it should
  bool ever_attached_ = false;
  std::optional<Failure> failed_;

  Search search_ = Search::kNone;
  Candidates candidates_;
  std::vector<Attempt> attempts_;
  int rounds_ = 0;                            // of the search under way
  Instant patience_;                          // only the backup is asked before
  Instant step_at_ = Instant::never();        // the next candidate's turn
  Instant round_at_ = Instant::never();       // the next round's
  Instant backup_at_ = Instant::never();      // look for a backup
  Instant move_at_ = Instant::never();        // look for a place of our own
  Duration backup_delay_ = kBackupDelay;      // grows while there is none
  Instant lost_since_ = Instant::never();     // no live way to the source
  Instant refused_since_ = Instant::never();  // a newcomer, and all we hear is no
  Instant starved_since_ = Instant::never();  // our parent is an orphan
  wire::body::ReferReason last_refusal_ = wire::body::ReferReason::kFull;
  size_t backup_turn_ = 0;  // of contacts_above
};

}  // namespace swarmcast::overlay
