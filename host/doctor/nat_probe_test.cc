#include "host/doctor/nat_probe.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stun/stunagent.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>

#include "engine/base/random.h"
#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_for_test.h"

namespace swarmcast::doctor {
namespace {

using transport::at;

// A STUN server on the loopback that tells what it is told to tell.
class StunServer {
 public:
  explicit StunServer(std::optional<Endpoint> mapped, std::optional<Endpoint> other = {})
      : mapped_(mapped), other_(other), thread_([this] { serve(); }) {}
  ~StunServer() {
    stopping_ = true;
    thread_.join();
  }
  std::string address() const { return transport::to_text(socket_.local()); }
  Endpoint endpoint() const { return socket_.local(); }
  int requests() const { return requests_; }
  // Sends this instead of an answer.
  std::atomic<bool> garbage{false};

 private:
  void serve() {
    Prng prng(5);
    while (!stopping_) {
      pollfd ready{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 10) <= 0) continue;
      std::array<uint8_t, 1'500> in, out;
      sockaddr_storage from;
      socklen_t from_size = sizeof from;
      const ssize_t n = recvfrom(socket_.fd(), in.data(), in.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &from_size);
      if (n <= 0) continue;
      ++requests_;
      size_t size = answer(in.data(), static_cast<size_t>(n), from, out);
      if (garbage) {  // an answer with one byte changed, or its first bytes
        out[prng.below(size)] ^= static_cast<uint8_t>(1 + prng.below(255));
        if (prng.chance(0.5)) size = prng.below(size);
      }
      sendto(socket_.fd(), out.data(), size, 0, reinterpret_cast<sockaddr*>(&from), from_size);
    }
  }

  size_t answer(const uint8_t* in, size_t size, const sockaddr_storage& from,
                std::array<uint8_t, 1'500>& out) {
    StunAgent agent;
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
    StunMessage request{}, response{};
    EXPECT_EQ(stun_agent_validate(&agent, &request, in, size, nullptr, nullptr),
              STUN_VALIDATION_SUCCESS);
    stun_agent_init_response(&agent, &response, out.data(), out.size(), &request);
    sockaddr_storage mapped = from;
    if (mapped_) transport::to_sockaddr(*mapped_, AF_INET, mapped);
    if (!mapped_)
      transport::to_sockaddr(transport::from_sockaddr(reinterpret_cast<const sockaddr*>(&from)),
                             AF_INET, mapped);
    stun_message_append_xor_addr(&response, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &mapped,
                                 sizeof(sockaddr_in));
    if (other_) {
      sockaddr_storage other;
      transport::to_sockaddr(*other_, AF_INET, other);
      stun_message_append_addr(&response, static_cast<StunAttribute>(0x802c),
                               reinterpret_cast<sockaddr*>(&other), sizeof(sockaddr_in));
    }
    return stun_agent_finish_message(&agent, &response, nullptr, 0);
  }

  const transport::BoundSocket socket_{at("127.0.0.1:0"), SOCK_DGRAM};
  const std::optional<Endpoint> mapped_;
  const std::optional<Endpoint> other_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

const Endpoint kHere = at("127.0.0.1:0");
const std::vector<Endpoint> kOwn = {kHere};

TEST(NatProbeTest, NoNat) {
  const StunServer a({}), b({});
  const auto result = measure_nat(kHere, {a.address(), b.address()}, kOwn);
  EXPECT_EQ(result.mapping, Mapping::kNone);
  EXPECT_EQ(result.answered, 2u);
  ASSERT_TRUE(result.mapped);
  EXPECT_EQ(transport::address_text(*result.mapped), "127.0.0.1");
}

TEST(NatProbeTest, EndpointIndependent) {
  const StunServer a(at("203.0.113.5:40000")), b(at("203.0.113.5:40000"));
  const auto result = measure_nat(kHere, {a.address(), b.address()}, kOwn);
  EXPECT_EQ(result.mapping, Mapping::kEndpointIndependent);
  EXPECT_EQ(transport::to_text(result.mapped.value_or(Endpoint{})), "203.0.113.5:40000");
}

TEST(NatProbeTest, Symmetric) {
  const StunServer a(at("203.0.113.5:40000")), b(at("203.0.113.5:40001"));
  EXPECT_EQ(measure_nat(kHere, {a.address(), b.address()}, kOwn).mapping, Mapping::kSymmetric);
  const StunServer c(at("203.0.113.6:40000"));
  EXPECT_EQ(measure_nat(kHere, {a.address(), c.address()}, kOwn).mapping, Mapping::kSymmetric);
}

TEST(NatProbeTest, ServersMayBeNamed) {
  const StunServer a({}), b({});
  const std::string port = std::to_string(a.endpoint().port);
  const auto result = measure_nat(kHere, {"localhost:" + port, "stun:" + b.address()}, kOwn);
  EXPECT_EQ(result.mapping, Mapping::kNone);
  EXPECT_EQ(result.answered, 2u);
}

TEST(NatProbeTest, OneServerCannotTell) {
  const StunServer a(at("203.0.113.5:40000"));
  const auto result = measure_nat(kHere, {a.address()}, kOwn);
  EXPECT_EQ(result.mapping, Mapping::kUnknown);
  EXPECT_EQ(result.answered, 1u);
  EXPECT_TRUE(result.mapped);
}

TEST(NatProbeTest, OneServerWithAnotherAddressCan) {
  const StunServer b(at("203.0.113.5:40001"));
  const StunServer a(at("203.0.113.5:40000"), b.endpoint());
  EXPECT_EQ(measure_nat(kHere, {a.address()}, kOwn).mapping, Mapping::kSymmetric);
  EXPECT_EQ(b.requests(), 1);
}

TEST(NatProbeTest, AServerSendsUsNowhereElse) {
  const StunServer a(at("203.0.113.5:40000"), at("192.168.1.1:53"));
  EXPECT_EQ(measure_nat(kHere, {a.address()}, kOwn).asked, 1u);
}

TEST(NatProbeTest, GarbageIsNoAnswer) {
  StunServer a({}), b({});
  a.garbage = true;
  const auto result = measure_nat(kHere, {a.address(), b.address()}, kOwn);
  EXPECT_GE(a.requests(), 1);
  EXPECT_EQ(b.requests(), 1);
  EXPECT_LE(result.answered, 2u);
}

TEST(NatProbeTest, WhatCannotBeUsedIsSaid) {
  EXPECT_NE(measure_nat(kHere, {"127.0.0.1:99999"}, kOwn).error, "");
  EXPECT_NE(measure_nat(kHere, {":"}, kOwn).error, "");
  EXPECT_NE(measure_nat(at("192.0.2.1:1"), {"127.0.0.1:1"}, kOwn).error, "");
}

}  // namespace
}  // namespace swarmcast::doctor
