// base64url without padding (RFC 4648 §5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"

namespace swarmcast::rendezvous {

std::string base64url_encode(ByteSpan bytes);

struct Base64Decoded {
  std::vector<uint8_t> bytes;
  bool clean = true;  // false: a character outside the alphabet, where decoding stopped
  bool exact = true;  // false: ends within a byte (as cut text does), or spare bits are not zero
};
Base64Decoded base64url_decode(std::string_view text);

}  // namespace swarmcast::rendezvous
