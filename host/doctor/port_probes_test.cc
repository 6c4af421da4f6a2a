#include "host/doctor/port_probes.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_for_test.h"

namespace swarmcast::doctor {
namespace {

using transport::at;

TEST(PortProbesTest, AFreePort) {
  const PortFindings any = examine_ports(at("127.0.0.1:0"));
  EXPECT_EQ(any.udp.state, State::kOk) << any.udp.title;
  EXPECT_EQ(any.tcp.state, State::kOk) << any.tcp.title;
  EXPECT_NE(any.port, 0);
}

TEST(PortProbesTest, ATakenPort) {
  const transport::BoundSocket udp(at("127.0.0.1:0"), SOCK_DGRAM);
  ASSERT_EQ(udp.error(), 0);
  const PortFindings taken = examine_ports(udp.local());
  EXPECT_EQ(taken.udp.state, State::kProblem);
  EXPECT_NE(taken.udp.fix.find("ss -ulpn"), std::string::npos) << taken.udp.fix;
  EXPECT_EQ(taken.tcp.state, State::kOk) << taken.tcp.title;
}

TEST(PortProbesTest, ATakenTcpPortIsOnlyAWarning) {
  const transport::BoundSocket tcp(at("127.0.0.1:0"), SOCK_STREAM);
  ASSERT_EQ(tcp.error(), 0);
  const PortFindings taken = examine_ports(tcp.local());
  EXPECT_EQ(taken.udp.state, State::kOk) << taken.udp.title;
  EXPECT_EQ(taken.tcp.state, State::kWarning);
  EXPECT_FALSE(taken.tcp.detail.empty());
}

TEST(PortProbesTest, AForeignAddress) {
  const PortFindings foreign = examine_ports(at("192.0.2.1:9000"));
  EXPECT_EQ(foreign.udp.state, State::kProblem);
  EXPECT_NE(foreign.udp.title.find("192.0.2.1"), std::string::npos);
  EXPECT_FALSE(foreign.udp.fix.empty());
  EXPECT_EQ(examine_ports(at("192.0.2.1:0")).tcp.state, State::kUnknown);
}

}  // namespace
}  // namespace swarmcast::doctor
