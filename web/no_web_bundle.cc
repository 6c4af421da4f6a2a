#include "web/web_bundle.h"

namespace swarmcast {

const rendezvous::WebBundle& web_bundle() {
  static constexpr rendezvous::WebBundle kNone;
  return kNone;
}

}  // namespace swarmcast
