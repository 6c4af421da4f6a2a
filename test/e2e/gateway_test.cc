// The gateway of a real broadcast: what a browser sees, and what a hostile client can do.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"
#include "rendezvous_codec/invite.h"
#include "rendezvous_codec/ip_literal.h"
#include "test/e2e/nodes.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;

Endpoint gateway_of(const std::string& invite) {
  const auto parsed = rendezvous::parse_invite(invite);
  const auto* const out = std::get_if<rendezvous::Invite>(&parsed);
  EXPECT_NE(out, nullptr) << invite;
  return out != nullptr ? out->entry : Endpoint{};
}

// A TCP connection from a loopback address of its own: 127.0.0.`host`.
class Visitor {
 public:
  explicit Visitor(const Endpoint& where, int host = 1)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address;
    const auto from = *transport::parse_address("127.0.0." + std::to_string(host));
    socklen_t size = transport::to_sockaddr(from, AF_INET, address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    size = transport::to_sockaddr(where, AF_INET, address);
    const timeval limit{.tv_sec = 5};
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0;
  }
  Visitor(Visitor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~Visitor() {
    if (fd_ >= 0) close(fd_);
  }
  bool send(const std::string& text) {
    return connected_ && ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
  }
  // All that comes until the other side closes, or for ten seconds.
  std::string read_to_end() {
    std::string out;
    const int64_t until = monotonic_us() + 10'000'000;
    while (monotonic_us() < until) {
      pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 100) <= 0) continue;
      char buffer[4'096];
      const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      out.append(buffer, static_cast<size_t>(n));
    }
    return out;
  }

 private:
  int fd_;
  bool connected_ = false;
};

std::string get(const Endpoint& where, const std::string& path = "/") {
  Visitor visitor(where);
  visitor.send("GET " + path + " HTTP/1.1\r\nHost: anything.example\r\n\r\n");
  return visitor.read_to_end();
}

TEST(GatewayTest, ABrowserFindsAPageAtTheInvite) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const Endpoint gateway = gateway_of(source->invite);
  const std::string page = get(gateway);
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 ")) << page;
  EXPECT_NE(page.find("swarmcast watch"), page.npos);
  EXPECT_EQ(page.find("Server:"), page.npos);
  EXPECT_TRUE(get(gateway, "/x").starts_with("HTTP/1.1 404 "));
  // A viewer has a gateway as well.
  const auto middle = relay({}, source->invite);
  ASSERT_NE(middle->invite, "");
  EXPECT_TRUE(get(gateway_of(middle->invite)).starts_with("HTTP/1.1 200 "));
}

TEST(GatewayTest, ATakenTcpPortIsANoticeAndNoMore) {
  const transport::BoundSocket taken(*transport::parse_endpoint("127.0.0.1:0"), SOCK_STREAM);
  ASSERT_EQ(taken.error(), 0);
  const auto source =
      Process::start({.command = {program("swarmcast"), "broadcast", "--input", "test", "--json",
                                  "--listen", transport::to_text(taken.local())}});
  ASSERT_TRUE(source);
  const auto notice = source->wait_event("notice", seconds(20));
  ASSERT_TRUE(notice) << say(*source);
  EXPECT_NE(notice->value("text", "").find("gateway"), std::string::npos) << notice->dump();
  const auto viewer = watch({}, invite_of(*source));
  ASSERT_TRUE(viewer);
  EXPECT_TRUE(viewer->reader->wait_pictures(kFps, seconds(20))) << say(*viewer->process);
}

TEST(GatewayTest, HostileClientsDoNotDisturbTheStream) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const Endpoint gateway = gateway_of(source->invite);
  const auto viewer = watch({}, source->invite);
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(kFps, seconds(20))) << say(*viewer->process);
  const int64_t memory_before = source->process->anonymous_kib().value_or(0);
  const int64_t began_us = monotonic_us();

  const std::string upgrade =
      "GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  // Pieces of a message that never ends: 1,000 bytes, masked with zeroes.
  const std::string piece = std::string("\x00\xfe\x03\xe8\0\0\0\0", 8) + std::string(1'000, 'x');
  std::vector<Visitor> visitors;
  for (int i = 0; i < 120; ++i) {
    visitors.emplace_back(gateway, 2 + i % 40);
    visitors.back().send(i % 3 == 0 ? upgrade : "GET / HTTP/1.1\r\nX-Slow: ");
  }
  for (int turn = 0; turn < 300; ++turn) {  // some 3 s of floods and drips
    for (size_t i = 0; i < visitors.size(); ++i)
      visitors[i].send(i % 3 == 0 ? piece : i % 3 == 1 ? std::string(4'000, 'y') : "z");
    usleep(10'000);
  }
  const auto pictures = viewer->reader->pictures();
  const int64_t gap = longest_gap_us(pictures, began_us, pictures.back().arrived_us);
  const int64_t grown = source->process->anonymous_kib().value_or(0) - memory_before;
  std::printf(
      "hostile HTTP for %.1f s: longest gap between pictures %.0f ms, memory grew by %ld KiB\n",
      static_cast<double>(monotonic_us() - began_us) / 1e6, static_cast<double>(gap) / 1e3, grown);
  EXPECT_LE(gap, 3'000'000);
  EXPECT_LE(grown, 16'384);
  visitors.clear();
  EXPECT_TRUE(get(gateway).starts_with("HTTP/1.1 200 ")) << say(*source->process);
}

// The invite names a UDP port where nobody answers, as behind a firewall that lets only web pages
// in: signals go through the gateway, and the link by a way that they agree on.
TEST(GatewayTest, JoinsThroughTheGatewayWhenTheDialBringsNothing) {
  const auto source = go_live({});
  ASSERT_NE(source->invite, "");
  const auto parsed = rendezvous::parse_invite(source->invite);
  rendezvous::Invite invite = std::get<rendezvous::Invite>(parsed);
  const transport::BoundSocket silent(*transport::parse_endpoint("127.0.0.1:0"), SOCK_DGRAM);
  ASSERT_EQ(silent.error(), 0);
  invite.origin = "http://" + rendezvous::format_endpoint(invite.entry);
  invite.entry.port = silent.local().port;
  const auto viewer = watch({}, rendezvous::invite_url(invite));
  ASSERT_TRUE(viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(3 * kFps, seconds(30))) << say(*viewer->process);
  const auto pictures = viewer->reader->pictures();
  std::printf("through the gateway: first picture %.0f ms after the start\n",
              static_cast<double>(pictures.front().arrived_us - viewer->started_us) / 1e3);
  EXPECT_EQ(last_stats(*viewer->process).value("hop", 0), 1) << say(*viewer->process);
  // Without a gateway there is no way in.
  invite.origin = "http://" + transport::to_text(silent.local());
  const auto lost = watch({}, rendezvous::invite_url(invite));
  const auto exit = lost->process->wait_exit(seconds(60));
  ASSERT_TRUE(exit) << say(*lost->process);
  EXPECT_EQ(exit->code, 3) << say(*lost->process);
}

// TLS in front of a gateway, as a web server or a content network puts it there.
class TlsProxy {
 public:
  // The certificate names `name`, an address, and is its own authority.
  TlsProxy(const Place& place, uint16_t port, const std::string& name, const Endpoint& gateway)
      : files_(std::filesystem::temp_directory_path() /
               ("swarmcast-tls-" + std::to_string(getpid()) + "-" + std::to_string(port))) {
    std::filesystem::create_directories(files_);
    const auto made =
        Process::start({.command = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                    "/CN=gateway", "-addext", "subjectAltName=IP:" + name,
                                    "-keyout", files_ / "key.pem", "-out", certificate()}});
    const auto exit = made ? made->wait_exit(seconds(20)) : std::nullopt;
    if (!exit || exit->code != 0) return;
    process_ = Process::start(
        {.command = {"socat", "-d", "-d",
                     "OPENSSL-LISTEN:" + std::to_string(port) + ",bind=" + place.address +
                         ",fork,reuseaddr,verify=0,cert=" + certificate() +
                         ",key=" + (files_ / "key.pem").string(),
                     "TCP:" + transport::to_text(gateway)},
         .network_namespace = place.network_namespace});
  }
  ~TlsProxy() {
    process_.reset();
    std::filesystem::remove_all(files_);
  }
  bool listens() {
    const int64_t until = monotonic_us() + 10'000'000;
    while (process_ && monotonic_us() < until && !process_->wait_exit(milliseconds(10)))
      if (process_->text().find("listening on") != std::string::npos) return true;
    return false;
  }
  std::string certificate() const { return files_ / "certificate.pem"; }

 private:
  std::filesystem::path files_;
  std::unique_ptr<Process> process_;
};

// A place where the only authority that programs trust is that certificate.
Place trusting(Place place, const std::string& certificate) {
  place.within = {"unshare", "--mount", "sh", "-c",
                  "mount -t tmpfs none /etc/ssl/certs && "
                  "cp " +
                      certificate + " /etc/ssl/certs/ca-certificates.crt && exec \"$0\" \"$@\""};
  return place;
}

void expect_certificate_refused(Viewer& viewer) {
  const auto notice = viewer.process->wait_event("notice", seconds(20));
  ASSERT_TRUE(notice) << say(*viewer.process);
  EXPECT_NE(notice->value("text", "").find("certificate"), std::string::npos) << notice->dump();
  const auto exit = viewer.process->wait_exit(seconds(60));
  EXPECT_TRUE(exit && exit->code == 3) << say(*viewer.process);
}

TEST(GatewayTest, BehindHttpsItIsBelievedIfItsCertificateIs) {
  constexpr uint16_t kHttps = 8443, kOfAnotherName = 8444;
  std::string why;
  const auto wan = Wan::create(2, &why);
  if (!wan) GTEST_SKIP() << why;
  const Place here = place(*wan, 0), there = place(*wan, 1);
  const auto source = go_live(here);
  ASSERT_NE(source->invite, "");
  const auto parsed = rendezvous::parse_invite(source->invite);
  rendezvous::Invite invite = std::get<rendezvous::Invite>(parsed);
  TlsProxy good(here, kHttps, here.address, invite.entry);
  TlsProxy wrong(here, kOfAnotherName, there.address, invite.entry);
  if (!good.listens() || !wrong.listens()) GTEST_SKIP() << "no openssl and socat here";

  constexpr uint16_t kNobody = 9;
  invite.entry.port = kNobody;
  const auto by = [&](uint16_t port) {
    invite.origin = "https://" + here.address + ":" + std::to_string(port);
    return rendezvous::invite_url(invite);
  };
  const auto unknown = watch(there, by(kHttps));
  const auto another = watch(trusting(there, wrong.certificate()), by(kOfAnotherName));
  const auto viewer = watch(trusting(there, good.certificate()), by(kHttps));
  ASSERT_TRUE(unknown && another && viewer);
  ASSERT_TRUE(viewer->reader->wait_pictures(2 * kFps, seconds(30))) << say(*viewer->process);
  const auto pictures = viewer->reader->pictures();
  std::printf("through a gateway behind https: first picture %.0f ms after the start\n",
              static_cast<double>(pictures.front().arrived_us - viewer->started_us) / 1e3);
  expect_certificate_refused(*unknown);
  expect_certificate_refused(*another);
}

}  // namespace
}  // namespace swarmcast::test
