// A CryptoProvider that costs next to nothing and protects nothing, for big simulations. It gives
// what the engine relies on between honest parties: what was altered is noticed, a wrong key opens
// nothing, two ends agree on a secret. Simulated attackers alter, replay and withhold; none of them
// breaks the primitives.
#pragma once

#include "engine/base/crypto_provider.h"

namespace swarmcast::sim {

// Stateless; the same results on every little-endian machine.
const CryptoProvider& cheap_crypto();

}  // namespace swarmcast::sim
