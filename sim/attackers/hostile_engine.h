// A real engine whose words somebody changes on their way out.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/api/engine.h"
#include "engine/wire/body.h"

namespace swarmcast::sim {

// What it is made from.
struct Disguise {
  std::unique_ptr<Engine> real;
  // False: it still behaves, as some do until they have children.
  std::function<bool()> awake;
};

class HostileEngine : public Engine {
 public:
  explicit HostileEngine(Disguise disguise)
      : real_(std::move(disguise.real)), awake_(std::move(disguise.awake)) {}

  void handle(Instant now, const Input& input) override;
  std::optional<Output> poll(Instant now) override;
  Instant next_timeout() const override { return real_->next_timeout(); }
  EngineStats stats(Instant now) const override { return real_->stats(now); }
  std::optional<StreamTime> stream_time(Instant now) const override {
    return real_->stream_time(now);
  }
  SourceKeyHash source_key_hash() const override { return real_->source_key_hash(); }
  PeerId peer_id() const override { return real_->peer_id(); }

 protected:
  // Sees what comes in, before the engine does.
  virtual void hears(Instant, const Input&) {}
  // Changes a message on its way out; false: keeps it back.
  virtual bool alter(Instant, LinkId, std::vector<uint8_t>&) { return true; }
  const Engine& real() const { return *real_; }

 private:
  std::unique_ptr<Engine> real_;
  std::function<bool()> awake_;
  std::vector<uint8_t> message_;  // being sent
};

// A piece of a picture or of sound, by its type.
bool is_media(ByteSpan message);

// Lets `change` alter each body of an envelope. Others stay as they are, as does an envelope whose
// altered bodies do not fit it.
void alter_bodies(std::vector<uint8_t>& message, const std::function<void(wire::Body&)>& change);

}  // namespace swarmcast::sim
