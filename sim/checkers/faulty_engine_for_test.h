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
  // What it says besides, after all else; nullopt: nothing.
  std::function<std::optional<Output>()> say_more = [] { return std::nullopt; };
  std::function<void(EngineStats&)> alter_stats = [](EngineStats&) {};
  std::function<void(std::optional<LinkId>&)> alter_parent = [](std::optional<LinkId>&) {};
  std::function<void()> on_input = [] {};

  void handle(Instant now, const Input& input) override {
    on_input();
    real_->handle(now, input);
  }
  std::optional<Output> poll(Instant now) override {
    while (auto out = real_->poll(now))
      if (alter(*out)) return out;
    return say_more();
  }
  Instant next_timeout() const override { return real_->next_timeout(); }
  EngineStats stats(Instant now) const override {
    EngineStats out = real_->stats(now);
    alter_stats(out);
    return out;
  }
  std::optional<LinkId> parent(StripeId stripe) const override {
    auto out = real_->parent(stripe);
    alter_parent(out);
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
