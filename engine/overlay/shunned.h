// Peers that did us harm: for a while they are not asked for anything.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/base/contact.h"
#include "engine/overlay/limits.h"

namespace swarmcast::overlay {

class Shunned {
 public:
  enum class Why {
    kWithheld,  // it may have been as thirsty as we were: nobody better, and it is asked again
    kForged,    // no relay passes on what it could not verify
  };

  // The one whose time is up first makes room.
  void add(Instant now, const Contact& who, Why why) {
    std::erase_if(all_, [&](const Entry& e) { return same_peer(e.who, who); });
    if (all_.size() == kMaxShunned) all_.erase(std::ranges::min_element(all_, {}, &Entry::until));
    all_.push_back({who, now + (why == Why::kForged ? kForgedTime : kWithheldTime), why});
  }
  // `desperate`: all others have been asked.
  bool contains(Instant now, const Contact& who, bool desperate) const {
    return std::ranges::any_of(all_, [&](const Entry& e) {
      return same_peer(e.who, who) && now < e.until && !(desperate && e.why == Why::kWithheld);
    });
  }

 private:
  struct Entry {
    Contact who;
    Instant until;
    Why why;
  };
  std::vector<Entry> all_;
};

}  // namespace swarmcast::overlay
