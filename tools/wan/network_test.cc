#include "tools/wan/network.h"

#include <gtest/gtest.h>

#include <vector>

namespace swarmcast::wan {
namespace {

constexpr Address kA = 0x0a4d0101, kB = 0x0a4d0201;

std::vector<uint8_t> packet_to(Address to, uint8_t mark, size_t size = 100) {
  std::vector<uint8_t> packet(size);
  packet[0] = 0x45;
  for (size_t i = 0; i < 4; ++i) packet[16 + i] = static_cast<uint8_t>(to >> (24 - 8 * i));
  packet[20] = mark;
  return packet;
}

class NetworkTest : public testing::Test {
 protected:
  NetworkTest() {
    a_ = network_.add_host("a", kA).value();
    b_ = network_.add_host("b", kB).value();
  }
  // The marks of the packets released at `now`, all for b.
  std::vector<int> release(Instant now) {
    std::vector<int> marks;
    while (const auto delivery = network_.release(now)) {
      EXPECT_EQ(delivery->host, b_);
      marks.push_back(delivery->packet[20]);
    }
    return marks;
  }
  Network network_{1};
  size_t a_ = 0, b_ = 0;
};

TEST_F(NetworkTest, CarriesAPacketByItsDestinationAfterTheDelay) {
  network_.path(a_, b_).delay = Duration::millis(20);
  network_.offer(Instant::from_ms(100), a_, packet_to(kB, 7));
  EXPECT_EQ(network_.next_release(), Instant::from_ms(120));
  EXPECT_TRUE(release(Instant::from_us(119'999)).empty());
  EXPECT_EQ(release(Instant::from_ms(120)), std::vector<int>{7});
  EXPECT_TRUE(network_.next_release().is_never());
  EXPECT_EQ(network_.path(a_, b_).counters.packets_out, 1u);
}

TEST_F(NetworkTest, EqualTimesLeaveInOrder) {
  network_.path(a_, b_).delay = Duration::millis(20);
  for (uint8_t i = 0; i < 50; ++i) network_.offer(Instant::from_ms(1), a_, packet_to(kB, i));
  const std::vector<int> marks = release(Instant::from_ms(21));
  ASSERT_EQ(marks.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(marks[static_cast<size_t>(i)], i);
}

TEST_F(NetworkTest, CountsWhatIsForNobody) {
  network_.offer(Instant::from_ms(1), a_, packet_to(0x08080808, 1));
  const std::vector<uint8_t> ipv6(100, 0x60);
  network_.offer(Instant::from_ms(1), a_, ipv6);
  network_.offer(Instant::from_ms(1), a_, ByteSpan(ipv6).first(3));
  EXPECT_EQ(network_.hosts()[a_].unroutable, 3u);
  EXPECT_TRUE(network_.next_release().is_never());
}

TEST_F(NetworkTest, CountsWhatAHostSendsWithWhatItsUplinkDrops) {
  network_.host(a_).uplink.rate = DataRate::kbps(8);
  network_.host(a_).uplink.queue = Duration();
  for (uint8_t i = 0; i < 3; ++i) network_.offer(Instant::from_ms(1), a_, packet_to(kB, i, 200));
  EXPECT_EQ(network_.hosts()[a_].bytes_sent, 600u);
  EXPECT_EQ(network_.hosts()[a_].uplink_drops, 2u);
}

TEST_F(NetworkTest, AFirewallDropsUdpOnly) {
  network_.path(a_, b_).udp = false;
  std::vector<uint8_t> udp = packet_to(kB, 1), tcp = packet_to(kB, 2);
  udp[9] = 17;
  tcp[9] = 6;
  network_.offer(Instant(), a_, udp);
  network_.offer(Instant(), a_, tcp);
  EXPECT_EQ(release(Instant()), std::vector<int>{2});
  EXPECT_EQ(network_.path(a_, b_).counters.cut_drops, 1u);
}

TEST_F(NetworkTest, OneSiteIsBehindTheSameNat) {
  ASSERT_TRUE(network_.set_nat(b_, Mapping::kEndpointIndependent, 0xc6336401));
  network_.offer(Instant(), a_, packet_to(kB, 1));
  EXPECT_EQ(network_.hosts()[a_].unroutable, 1u);
  network_.join_sites(a_, b_);
  network_.offer(Instant(), a_, packet_to(kB, 2));
  EXPECT_EQ(release(Instant()), std::vector<int>{2});
  network_.offer(Instant(), a_, packet_to(0xc6336401, 3));
  EXPECT_TRUE(release(Instant()).empty()) << "from outside nothing has changed";
}

TEST_F(NetworkTest, UplinkAndDownlinkAreShapedOneAfterTheOther) {
  network_.host(a_).uplink.rate = DataRate::kbps(800);    // 1,000 bytes in 10 ms
  network_.host(b_).downlink.rate = DataRate::kbps(400);  // in 20 ms
  for (uint8_t i = 0; i < 3; ++i) network_.offer(Instant(), a_, packet_to(kB, i, 1'000));
  EXPECT_EQ(release(Instant::from_ms(29)), std::vector<int>{});
  EXPECT_EQ(release(Instant::from_ms(30)), std::vector<int>{0});
  EXPECT_EQ(release(Instant::from_ms(50)), std::vector<int>{1});
  EXPECT_EQ(release(Instant::from_ms(70)), std::vector<int>{2});
}

TEST_F(NetworkTest, ReportsHowLateItWas) {
  network_.path(a_, b_).delay = Duration::millis(20);
  network_.offer(Instant::from_ms(0), a_, packet_to(kB, 1));
  network_.offer(Instant::from_ms(10), a_, packet_to(kB, 2));
  release(Instant::from_ms(25));
  release(Instant::from_us(30'400));
  EXPECT_EQ(network_.lateness().worst, Duration::millis(5));
  EXPECT_EQ(network_.lateness().over_1ms, 1u);
  EXPECT_EQ(network_.lateness().releases, 2u);
}

TEST_F(NetworkTest, HoldsABoundedNumberOfPackets) {
  network_.path(a_, b_).delay = Duration::seconds(1);
  const auto packet = packet_to(kB, 1);
  for (size_t i = 0; i < kMaxPacketsUnderWay + 5; ++i) network_.offer(Instant(), a_, packet);
  EXPECT_EQ(network_.lateness().overflow, 5u);
  EXPECT_EQ(release(Instant::from_ms(1'000)).size(), kMaxPacketsUnderWay);
  network_.offer(Instant(), a_, packet);
  EXPECT_EQ(network_.lateness().overflow, 5u);
}

TEST_F(NetworkTest, PathsDrawIndependentlyOfEachOther) {
  const auto losses = [](bool other_traffic) {
    Network network(9);
    const size_t a = network.add_host("a", kA).value(), b = network.add_host("b", kB).value();
    network.path(a, b).loss.set(0.5, 1);
    network.path(b, a).loss.set(0.5, 1);
    std::vector<uint64_t> seen;
    for (int i = 0; i < 100; ++i) {
      network.offer(Instant(), a, packet_to(kB, 0));
      if (other_traffic) network.offer(Instant(), b, packet_to(kA, 0));
      seen.push_back(network.path(a, b).counters.lost);
    }
    return seen;
  };
  EXPECT_EQ(losses(false), losses(true));
}

TEST_F(NetworkTest, RefusesNamesTwiceAndTooManyHosts) {
  EXPECT_EQ(network_.add_host("a", 1), std::nullopt);
  EXPECT_EQ(network_.add_host("c", kA), std::nullopt);
  for (Address i = 2; i < kMaxHosts; ++i) {
    ASSERT_TRUE(network_.add_host("h" + std::to_string(i), i));
  }
  EXPECT_EQ(network_.add_host("z", 1), std::nullopt);
}

}  // namespace
}  // namespace swarmcast::wan
