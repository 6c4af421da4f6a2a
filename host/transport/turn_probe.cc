#include "host/transport/turn_probe.h"

#include <errno.h>
#include <stun/stunagent.h>
#include <stun/usages/turn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "host/transport/bound_socket.h"

namespace swarmcast::transport {
namespace {

constexpr size_t kStunHeaderSize = 20;
constexpr size_t kMaxMessage = 1'500;
constexpr Duration kFirstInterval = Duration::millis(500);
constexpr int kMaxRequests = 4;  // without credentials, with them, and with fresh nonces
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kStaleNonce = 438;
constexpr int kWrongCredentials = 441;

uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

}  // namespace

struct TurnProbe::Stun {
  StunAgent agent{};
  uint8_t request[kMaxMessage]{};
  size_t request_size = 0;
  uint8_t answer[kMaxMessage]{};
  StunMessage message{};
  int requests = 0;
};

TurnProbe::TurnProbe(Loop& loop, const TurnServer& server, std::function<void(Result)> done)
    : loop_(loop),
      server_(server),
      done_(std::move(done)),
      stun_(std::make_unique<Stun>()),
      limit_(Loop::now() + kLimit),
      timer_(loop, [this] { on_timer(); }) {
  stun_agent_init(&stun_->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                  STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  timer_.set(connect() ? limit_ : Instant::from_us(0));
}

TurnProbe::~TurnProbe() {
  watch_.reset();
  if (fd_ >= 0) ::close(fd_);
}

bool TurnProbe::connect() {
  sockaddr_storage address{};
  const socklen_t size = to_sockaddr(server_.endpoint, address);
  const int type = server_.tcp ? SOCK_STREAM : SOCK_DGRAM;
  fd_ = socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), size) != 0 &&
      errno != EINPROGRESS) {
    return false;
  }
  const unsigned events = Loop::FdWatch::kReadable | Loop::FdWatch::kWritable;
  watch_ = std::make_unique<Loop::FdWatch>(loop_, fd_, events, [this](unsigned e) { on_ready(e); });
  return true;
}

void TurnProbe::on_ready(unsigned events) {
  if (!done_) return;
  if ((events & Loop::FdWatch::kWritable) != 0 && stun_->requests == 0) {
    watch_->set_events(Loop::FdWatch::kReadable);
    ask();
  }
  if ((events & (Loop::FdWatch::kReadable | Loop::FdWatch::kBroken)) == 0) return;
  uint8_t buffer[kMaxMessage];
  const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
  if (n > 0) return on_bytes({buffer, static_cast<size_t>(n)});
  const bool waiting = n < 0 && (errno == EAGAIN || errno == EINTR);
  if (!waiting) finish(Result::kSilent);
}

// Writes and sends the next request; with credentials once the server has named its realm.
void TurnProbe::ask() {
  StunMessage request;
  const bool first = stun_->requests++ == 0;
  stun_->request_size = stun_usage_turn_create(
      &stun_->agent, &request, stun_->request, sizeof stun_->request,
      first ? nullptr : &stun_->message, STUN_USAGE_TURN_REQUEST_PORT_NORMAL, -1, -1,
      bytes_of(server_.user), server_.user.size(), bytes_of(server_.password),
      server_.password.size(), STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
  interval_ = kFirstInterval;
  send();
}

void TurnProbe::send() {
  if (::send(fd_, stun_->request, stun_->request_size, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
    return timer_.set(limit_ = Instant::from_us(0));
  }
  again_ = server_.tcp ? Instant::never() : Loop::now() + interval_;
  interval_ = interval_ * 2;
  timer_.set(std::min(again_, limit_));
}

void TurnProbe::on_timer() {
  if (!done_) return;
  if (fd_ < 0 || watch_ == nullptr || Loop::now() >= limit_) return finish(Result::kSilent);
  send();
}

void TurnProbe::on_bytes(ByteSpan bytes) {
  if (!server_.tcp) return on_answer(bytes);
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  while (done_ && received_.size() >= kStunHeaderSize) {
    const size_t size = kStunHeaderSize + (received_[2] << 8 | received_[3]);
    if (size > kMaxMessage) return finish(Result::kSilent);
    if (received_.size() < size) return;
    on_answer({received_.data(), size});
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

void TurnProbe::on_answer(ByteSpan message) {
  if (message.size() > sizeof stun_->answer) return;
  std::ranges::copy(message, stun_->answer);
  const StunValidationStatus status = stun_agent_validate(
      &stun_->agent, &stun_->message, stun_->answer, message.size(), nullptr, nullptr);
  if (status != STUN_VALIDATION_SUCCESS && status != STUN_VALIDATION_UNAUTHORIZED) return;
  if (stun_message_get_method(&stun_->message) != STUN_ALLOCATE) return;
  if (stun_message_get_class(&stun_->message) == STUN_RESPONSE) {
    give_back();
    return finish(Result::kWorks);
  }
  int code = 0;
  if (stun_message_find_error(&stun_->message, &code) != STUN_MESSAGE_RETURN_SUCCESS) return;
  const bool first = stun_->requests == 1;
  const bool go_on = (code == kUnauthorized && first) || code == kStaleNonce;
  if (go_on && stun_->requests < kMaxRequests) return ask();
  const bool refused = code == kUnauthorized || code == kForbidden || code == kWrongCredentials;
  finish(refused ? Result::kRefused : Result::kSilent);
}

void TurnProbe::give_back() {
  StunMessage request;
  const size_t size = stun_usage_turn_create_refresh(
      &stun_->agent, &request, stun_->request, sizeof stun_->request, &stun_->message, 0,
      bytes_of(server_.user), server_.user.size(), bytes_of(server_.password),
      server_.password.size(), STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
  // Lost or not: the server forgets it by itself.
  [[maybe_unused]] const ssize_t sent = ::send(fd_, stun_->request, size, MSG_NOSIGNAL);
}

void TurnProbe::finish(Result result) {
  timer_.cancel();
  if (watch_ != nullptr) watch_->set_events(0);
  if (const auto done = std::exchange(done_, nullptr)) done(result);
}

}  // namespace swarmcast::transport
