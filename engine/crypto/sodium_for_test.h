// The real primitives, under a short name.
#pragma once

#include "host/platform/sodium_crypto.h"

namespace swarmcast::crypto {

inline const CryptoProvider& sodium() { return platform::sodium_crypto(); }

}  // namespace swarmcast::crypto
