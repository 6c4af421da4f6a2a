// What a neighbour is to us.
#pragma once

namespace swarmcast {

enum class LinkDirection {
  kOther,    // connected, nothing agreed yet
  kParent,   // sends us the stream
  kBackup,   // ready to become our parent
  kChild,    // gets the stream from us
  kStandby,  // may ask us to become its parent
};

}  // namespace swarmcast
