// A real engine with a bug planted in what it says.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/api/engine.h"

namespace swarmcast::sim {

class FaultyEngine final : public Engine {
 public:
  explicit FaultyEngine(std::unique_ptr<Engine> real) : real_(std::move(real)) {}

  // Changes an output; false: swallows it.
  std::function<bool(Output&)> alter = [](Output&) { return true; };
  std::function<void(EngineStats&)> alter_stats = [](EngineStats&) {};

  void handle(Instant now, const Input& input) override { real_->handle(now, input); }
  std::optional<Output> poll(Instant now) override {
    while (auto out = real_->poll(now))
      if (alter(*out)) return out;
    return std::nullopt;
  }
  Instant next_timeout() const override { return real_->next_timeout(); }
  EngineStats stats(Instant now) const override {
    EngineStats out = real_->stats(now);
    alter_stats(out);
    return out;
  }
  std::optional<StreamTime> stream_time(Instant now) const override {
    return real_->stream_time(now);
  }
  SourceKeyHash source_key_hash() const override { return real_->source_key_hash(); }
  PeerId peer_id() const override { return real_->peer_id(); }

 private:
  std::unique_ptr<Engine> real_;
};

}  // namespace swarmcast::sim
