// The sans-I/O engine: no sockets, no clock, no threads, no randomness of its own.
//
//   engine->handle(now, input);                 // one mutation,
//   while (auto out = engine->poll(now)) ...    // then drain,
//   sleep until engine->next_timeout();         // then wait.
#pragma once

#include <memory>
#include <optional>

#include "engine/api/input.h"
#include "engine/api/options.h"
#include "engine/api/output.h"
#include "engine/api/stats.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/payload_memory.h"

namespace swarmcast {

class Engine {
 public:
  // `slab` (>= 1 MiB; 8 MiB holds 4 s of 8 Mbit/s) and `crypto` outlive the engine.
  static std::unique_ptr<Engine> create(Instant now, const EngineOptions& options,
                                        const CryptoProvider& crypto, MutableByteSpan slab);
  // With a host's own kind of memory, in slots of kMaxMessageSize bytes.
  static std::unique_ptr<Engine> create(Instant now, const EngineOptions& options,
                                        const CryptoProvider& crypto,
                                        std::unique_ptr<PayloadMemory> memory);
  virtual ~Engine() = default;

  // Takes one input. poll() must have returned nullopt since the last call (asserted in debug
  // builds). `now` never goes back.
  virtual void handle(Instant now, const Input& input) = 0;
  // Gives the next thing to do. What it borrows is valid until the next poll() or handle().
  virtual std::optional<Output> poll(Instant now) = 0;
  // When to call handle(Timeout) if nothing else happens before.
  virtual Instant next_timeout() const = 0;

  virtual EngineStats stats(Instant now) const = 0;
  // Whom a stripe (< kStripes) comes from; nullopt: nobody. Costs next to nothing.
  virtual std::optional<LinkId> parent(StripeId stripe) const = 0;
  // Our estimate of the source's clock; nullopt until it is known.
  virtual std::optional<StreamTime> stream_time(Instant now) const = 0;
  // For the invite: the source's key hash (known at once at a source, else from the options).
  virtual SourceKeyHash source_key_hash() const = 0;
  virtual PeerId peer_id() const = 0;
};

}  // namespace swarmcast
