#include "host/transport/sctp_pipe_for_test.h"

#include <sys/time.h>
#include <time.h>

#include <algorithm>

namespace {

int64_t virtual_us = -1;

}  // namespace

// Replaces libc's for the libraries, too.
extern "C" int gettimeofday(timeval* out, void*) noexcept {
  if (virtual_us >= 0) {
    *out = {virtual_us / 1'000'000, virtual_us % 1'000'000};
    return 0;
  }
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *out = {now.tv_sec, now.tv_nsec / 1'000};
  return 0;
}

namespace swarmcast::transport {
namespace {

bool has_data(ByteSpan packet) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) {
    if (chunk->type == SctpChunk::kData) return true;
  }
  return false;
}

}  // namespace

SctpPipe::SctpPipe() {
  a.pipe = b.pipe = this;
  a.other = &b;
  b.other = &a;
  virtual_us = now_.us();
}

SctpPipe::~SctpPipe() {
  when_nobody_is_there = nullptr;
  a.association.reset();
  b.association.reset();
  // The library frees what is left of them by its timers.
  for (int i = 0; i < 100; ++i) step();
  virtual_us = -1;
}

void SctpPipe::connect(const SctpOptions& a_options, const SctpOptions& b_options) {
  a.association = SctpAssociation::create(nullptr, a_options, a, a);
  b.association = SctpAssociation::create(nullptr, b_options, b, b);
}

void SctpPipe::carry(End& from, ByteSpan bytes) {
  Packet packet(bytes.begin(), bytes.end());
  const bool lost = from.losses.next() || (from.on_path && !from.on_path(packet));
  if (lost) {
    from.lost_data += has_data(packet);
    return;
  }
  const Instant due = now_ + kOneWay + (jitter ? jitter() : Duration());
  const auto at = std::ranges::upper_bound(flights_, due, {}, &Flight::due);
  flights_.insert(at, Flight{due, from.other, std::move(packet)});
}

void SctpPipe::step() {
  now_ = now_ + kStep;
  virtual_us = now_.us();
  SctpAssociation::advance(kStep);
  while (!flights_.empty() && flights_.front().due <= now_) {
    const Flight flight = std::move(flights_.front());
    flights_.pop_front();
    if (!flight.to->association && when_nobody_is_there) {
      when_nobody_is_there(*flight.to, flight.packet);
    }
    if (flight.to->association) flight.to->association->receive(flight.packet);
  }
}

bool SctpPipe::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  while (!done() && now_ < end) step();
  return done();
}

void SctpPipe::run_for(Duration span) {
  run_until([] { return false; }, span);
}

}  // namespace swarmcast::transport
