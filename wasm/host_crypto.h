// Cryptography by the host's libsodium, over imports.
#pragma once

#include "engine/base/crypto_provider.h"

namespace swarmcast::wasm {

const CryptoProvider& host_crypto();

}  // namespace swarmcast::wasm
