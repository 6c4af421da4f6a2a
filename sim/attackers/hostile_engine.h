// A real engine whose words somebody changes on their way out.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "engine/api/engine.h"
#include "engine/wire/body.h"

namespace swarmcast::sim {

// What the hostile peers of a swarm know together.
struct Conspiracy {
  std::vector<Contact> members;
};

// What it is made from.
struct Disguise {
  std::unique_ptr<Engine> real;
  std::shared_ptr<Conspiracy> conspiracy;
  std::shared_ptr<std::set<Endpoint>> addresses;  // that it has learned
  // False: it still behaves, as some do until they have children.
  std::function<bool()> awake;
};

class HostileEngine : public Engine {
 public:
  explicit HostileEngine(Disguise disguise)
      : real_(std::move(disguise.real)),
        conspiracy_(std::move(disguise.conspiracy)),
        addresses_(std::move(disguise.addresses)),
        awake_(std::move(disguise.awake)) {}

  void handle(Instant now, const Input& input) override;
  std::optional<Output> poll(Instant now) override;
  Instant next_timeout() const override { return std::min(real_->next_timeout(), wake_); }
  EngineStats stats(Instant now) const override { return real_->stats(now); }
  std::optional<LinkId> parent(StripeId stripe) const override { return real_->parent(stripe); }
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
  // What it says besides, after all that the engine has to say; nullopt: nothing.
  virtual std::optional<output::Transmit> adds(Instant) { return std::nullopt; }
  // When adds() has more.
  void wake_at(Instant when) { wake_ = when; }
  bool awake() const { return awake_(); }
  const std::vector<LinkId>& links() const { return links_; }
  const std::vector<Contact>& accomplices() const { return conspiracy_->members; }
  std::set<Endpoint>& addresses() { return *addresses_; }
  const Engine& real() const { return *real_; }

 private:
  std::unique_ptr<Engine> real_;
  std::shared_ptr<Conspiracy> conspiracy_;
  std::shared_ptr<std::set<Endpoint>> addresses_;
  std::function<bool()> awake_;
  std::vector<LinkId> links_;  // that are up
  Instant wake_ = Instant::never();
  std::vector<uint8_t> message_;  // being sent
};

// A piece of a picture or of sound, by its type.
bool is_media(ByteSpan message);

// Lets `change` alter each body of an envelope. Others stay as they are, as does an envelope whose
// altered bodies do not fit it.
void alter_bodies(std::vector<uint8_t>& message, const std::function<void(wire::Body&)>& change);

}  // namespace swarmcast::sim
