// Links we have asked for and that are not up yet: one for all trees that want the same peer.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/contact.h"
#include "engine/base/ids.h"

namespace swarmcast::overlay {

class Dials {
 public:
  enum class Kind { kDial, kKnock };

  std::optional<LinkId> find(const Contact& contact, Kind kind) const {
    for (const UnderWay& d : all_)
      if (d.kind == kind && same_peer(d.contact, contact)) return d.link;
    return std::nullopt;
  }
  LinkId add(const Contact& contact, Kind kind) {
    all_.push_back({LinkId(kOwnBit | ++named_), contact, kind});
    return all_.back().link;
  }
  // It is up, or will not be. False: it was not under way.
  bool remove(LinkId link) {
    return std::erase_if(all_, [&](const UnderWay& d) { return d.link == link; }) > 0;
  }

 private:
  // Links we name carry the high bit, links that others dial do not: host and engine never collide.
  static constexpr uint32_t kOwnBit = 0x8000'0000;

  struct UnderWay {
    LinkId link;
    Contact contact;
    Kind kind;
  };
  std::vector<UnderWay> all_;
  uint32_t named_ = 0;
};

}  // namespace swarmcast::overlay
