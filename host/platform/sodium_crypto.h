// CryptoProvider on libsodium.
#pragma once

#include "engine/base/crypto_provider.h"

namespace swarmcast::platform {

// Stateless and shared by all engines of the process.
const CryptoProvider& sodium_crypto();

// Fills `out` from the operating system's generator.
void system_random(MutableByteSpan out);

}  // namespace swarmcast::platform
