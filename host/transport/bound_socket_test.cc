#include "host/transport/bound_socket.h"

#include <gtest/gtest.h>

#include "host/transport/endpoint_for_test.h"

namespace swarmcast::transport {
namespace {

Endpoint there_and_back(const Endpoint& endpoint, int family) {
  sockaddr_storage address;
  EXPECT_GT(to_sockaddr(endpoint, family, address), 0u);
  EXPECT_EQ(address.ss_family, family);
  return from_sockaddr(reinterpret_cast<sockaddr*>(&address));
}

TEST(SocketAddress, Ipv4IsTheSameInBothFamilies) {
  EXPECT_EQ(there_and_back(at("192.0.2.1:4000"), AF_INET), at("192.0.2.1:4000"));
  EXPECT_EQ(there_and_back(at("192.0.2.1:4000"), AF_INET6), at("192.0.2.1:4000"));
}

TEST(SocketAddress, Ipv6HasNoWayThroughAnIpv4Socket) {
  EXPECT_EQ(there_and_back(at("[2001:db8::1]:4000"), AF_INET6), at("[2001:db8::1]:4000"));
  EXPECT_EQ(there_and_back(at("[2001:db8::1]:4000"), AF_INET).port, 0);
}

TEST(SocketAddress, EveryAddressOfThisHostIsOneInBothFamilies) {
  EXPECT_EQ(there_and_back(at("[::]:4000"), AF_INET6), at("[::]:4000"));
  EXPECT_EQ(there_and_back(at("[::]:4000"), AF_INET), at("0.0.0.0:4000"));
}

TEST(SocketAddress, AnEndpointHasAFamilyOfItsOwn) {
  sockaddr_storage address;
  to_sockaddr(at("192.0.2.1:4000"), address);
  EXPECT_EQ(address.ss_family, AF_INET);
  to_sockaddr(at("[2001:db8::1]:4000"), address);
  EXPECT_EQ(address.ss_family, AF_INET6);
}

TEST(BoundSocketTest, SaysWhereItIsBound) {
  const BoundSocket socket(at("127.0.0.1:0"), SOCK_DGRAM);
  ASSERT_EQ(socket.error(), 0);
  EXPECT_NE(socket.local().port, 0);
  EXPECT_EQ(address_text(socket.local()), "127.0.0.1");
  EXPECT_EQ(BoundSocket(socket.local(), SOCK_DGRAM).error(), EADDRINUSE);
}

}  // namespace
}  // namespace swarmcast::transport
