// What to send to whom, until when, and how important it is.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace swarmcast::link {

// In the order of service.
enum class SendClass : uint8_t {
  kSound,
  kBase,    // T0
  kRepair,  // answers to NAKs
  kT1,
  kT2,
};
inline constexpr size_t kSendClasses = 5;

struct SendOrder {
  LinkId link;
  FragmentId fragment;
  SendClass send_class = SendClass::kBase;
  Instant deadline;      // when it must have arrived
  uint16_t size = 0;     // bytes of the message
  LinkSequence answers;  // kRepair: the lost number it repeats
};

// Which frames a link is too slow for. Each level includes those before it.
enum class Shedding : uint8_t { kNone, kT2, kT1AndT2, kPicture };

}  // namespace swarmcast::link
