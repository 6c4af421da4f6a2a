#include "host/transport/dtls_session.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/random.h"

namespace swarmcast::transport {
namespace {

using Event = DtlsSession::Event;
using Datagram = std::vector<uint8_t>;

struct Outbox final : DatagramSink {
  std::deque<Datagram> sent;
  size_t bytes = 0;
  void send_datagram(ByteSpan datagram) override {
    sent.emplace_back(datagram.begin(), datagram.end());
    bytes += datagram.size();
  }
  Datagram take() {
    Datagram out = std::move(sent.front());
    sent.pop_front();
    return out;
  }
};

Event give(DtlsSession& session, Datagram datagram, Datagram* message = nullptr) {
  Event last = Event::kNothing;
  MutableByteSpan rest = datagram;
  while (auto record = next_record(rest)) {
    ByteSpan got;
    const Event event = session.receive(*record, got);
    if (event == Event::kNothing) continue;
    last = event;
    if (event == Event::kMessage && message != nullptr) message->assign(got.begin(), got.end());
  }
  return last;
}

class DtlsSessionTest : public testing::Test {
 protected:
  void connect(const Fingerprint& expected) {
    client_ = DtlsSession::connect(client_context_, expected, client_out_);
    server_ = DtlsSession::accept(server_context_, server_out_);
    client_->start();
  }
  // Carries datagrams both ways until none is left.
  void run() {
    while (!client_out_.sent.empty() || !server_out_.sent.empty()) {
      while (!client_out_.sent.empty()) give(*server_, client_out_.take());
      while (!server_out_.sent.empty()) give(*client_, server_out_.take());
    }
  }
  void establish() {
    connect(server_context_.listener_fingerprint());
    run();
    ASSERT_TRUE(client_->up() && server_->up());
  }

  DtlsContext client_context_, server_context_;
  Outbox client_out_, server_out_;
  std::unique_ptr<DtlsSession> client_, server_;
};

TEST_F(DtlsSessionTest, ComesUpAndEachSideKnowsTheOther) {
  establish();
  EXPECT_EQ(client_->remote_fingerprint(), server_context_.listener_fingerprint());
  EXPECT_EQ(server_->remote_fingerprint(), client_->local_fingerprint());
  EXPECT_NE(client_->local_fingerprint(), client_context_.listener_fingerprint());
  EXPECT_FALSE(client_->timeout());
}

TEST_F(DtlsSessionTest, TheListenersFlightIsAtMostThreeTimesTheDiallers) {
  connect(server_context_.listener_fingerprint());
  const size_t in = client_out_.bytes + 112;  // the STUN request goes before
  give(*server_, client_out_.take());
  EXPECT_EQ(server_out_.sent.size(), 1u) << "a flight is one packet";
  // The STUN answer; signatures vary by a few bytes.
  EXPECT_LE(server_out_.bytes + 76 + 8, 3 * in);
}

TEST_F(DtlsSessionTest, ChaChaAmongOurselvesAndAesForWhoHasNothingElse) {
  const auto record_size = [](DtlsContext& client_context, DtlsContext& server_context) {
    Outbox to_server, to_client;
    auto client =
        DtlsSession::connect(client_context, server_context.listener_fingerprint(), to_server);
    auto server = DtlsSession::accept(server_context, to_client);
    client->start();
    while (!to_server.sent.empty() || !to_client.sent.empty()) {
      while (!to_server.sent.empty()) give(*server, to_server.take());
      while (!to_client.sent.empty()) give(*client, to_client.take());
    }
    client->send(Datagram{1});
    return to_server.sent.empty() ? 0 : to_server.take().size();
  };
  DtlsContext aes_only("ECDHE-ECDSA-AES128-GCM-SHA256");
  DtlsContext aes_first("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305");
  EXPECT_EQ(record_size(client_context_, server_context_), 1u + 29u);
  EXPECT_EQ(record_size(aes_first, server_context_), 1u + 29u);
  EXPECT_EQ(record_size(aes_only, server_context_), 1u + 37u);
  EXPECT_EQ(record_size(client_context_, aes_only), 1u + 37u);
}

TEST_F(DtlsSessionTest, EveryOutgoingSessionHasAFreshCertificate) {
  establish();
  const Fingerprint first = client_->local_fingerprint();
  establish();
  EXPECT_NE(client_->local_fingerprint(), first);
}

TEST_F(DtlsSessionTest, MessagesOfEverySizeCross) {
  establish();
  for (size_t size : {size_t{1}, size_t{2}, size_t{1'100}, kMaxMessageSize}) {
    const Datagram message(size, static_cast<uint8_t>(size));
    Datagram got;
    ASSERT_TRUE(client_->send(message));
    ASSERT_EQ(client_out_.sent.size(), 1u) << "one message is one datagram";
    EXPECT_EQ(client_out_.sent.front().size(), size + 29);
    EXPECT_EQ(give(*server_, client_out_.take(), &got), Event::kMessage);
    EXPECT_EQ(got, message);
    ASSERT_TRUE(server_->send(message));
    EXPECT_EQ(give(*client_, server_out_.take(), &got), Event::kMessage);
    EXPECT_EQ(got, message);
  }
}

TEST_F(DtlsSessionTest, AnUnexpectedCertificateFailsTheDial) {
  connect(Fingerprint{});
  give(*server_, client_out_.take());
  EXPECT_EQ(give(*client_, server_out_.take()), Event::kFailed);
  EXPECT_TRUE(client_->wrong_certificate());
  EXPECT_FALSE(client_->send(Datagram{1}));
}

TEST_F(DtlsSessionTest, ReplaysAndForgeriesAreDropped) {
  establish();
  client_->send(Datagram{7});
  const Datagram record = client_out_.take();
  EXPECT_EQ(give(*server_, record), Event::kMessage);
  EXPECT_EQ(give(*server_, record), Event::kNothing) << "replayed";
  client_->send(Datagram{8});
  const Datagram next = client_out_.take();
  for (size_t i = 0; i < next.size(); ++i) {
    Datagram bad = next;
    bad[i] ^= 1;
    EXPECT_EQ(give(*server_, bad), Event::kNothing) << "byte " << i;
  }
  EXPECT_EQ(give(*server_, next), Event::kMessage) << "forgeries must not use up the number";
  EXPECT_EQ(server_->highest_sequence(), 2u);
}

TEST_F(DtlsSessionTest, ReorderedMessagesAreAcceptedOnce) {
  establish();
  std::vector<Datagram> records;
  for (uint8_t i = 0; i < 32; ++i) {
    client_->send(Datagram{i});
    records.push_back(client_out_.take());
  }
  for (size_t i = records.size(); i-- > 0;) {
    EXPECT_EQ(give(*server_, records[i]), Event::kMessage) << i;
    EXPECT_EQ(give(*server_, records[i]), Event::kNothing) << i;
  }
}

TEST_F(DtlsSessionTest, CloseIsSeenByThePeerOnly) {
  establish();
  client_->close();
  ASSERT_EQ(client_out_.sent.size(), 1u);
  EXPECT_EQ(give(*server_, client_out_.take()), Event::kClosed);
  EXPECT_FALSE(client_->send(Datagram{1}));
  EXPECT_FALSE(server_->send(Datagram{1}));
}

// A record of epoch 0 is nobody's word: not even a fatal alert may end a session that is up.
TEST_F(DtlsSessionTest, PlaintextRecordsCannotEndASession) {
  establish();
  for (uint8_t type : {20, 21, 22, 23}) {
    EXPECT_EQ(give(*server_, {type, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40}),
              Event::kNothing);
  }
  client_->send(Datagram{1});
  EXPECT_EQ(give(*server_, client_out_.take()), Event::kMessage);
}

TEST_F(DtlsSessionTest, TheListenerRepeatsALostFinished) {
  connect(server_context_.listener_fingerprint());
  give(*server_, client_out_.take());
  while (!server_out_.sent.empty()) give(*client_, server_out_.take());
  std::vector<Datagram> second_flight(client_out_.sent.begin(), client_out_.sent.end());
  client_out_.sent.clear();
  for (const Datagram& d : second_flight) give(*server_, d);
  ASSERT_TRUE(server_->up());
  server_out_.sent.clear();  // lost
  ASSERT_TRUE(client_->timeout());
  // The timer's own clock is the wall's: wait for it without guessing how long.
  while (client_out_.sent.empty()) client_->on_timeout();
  run();
  EXPECT_TRUE(client_->up());
  client_->send(Datagram{1});
  EXPECT_EQ(give(*server_, client_out_.take()), Event::kMessage);
}

TEST_F(DtlsSessionTest, AnnouncedLengthsAreLimited) {
  connect(server_context_.listener_fingerprint());
  // A ClientHello fragment that announces 16 MB.
  const Datagram huge = {22, 0xfe, 0xfd, 0,    0, 0, 0, 0, 0, 0, 0, 0, 13,
                         1,  0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0};
  EXPECT_EQ(give(*server_, huge), Event::kNothing);
  run();
  EXPECT_TRUE(server_->up());
}

TEST_F(DtlsSessionTest, GarbageNeverEndsASessionThatIsUp) {
  establish();
  constexpr uint64_t kSeed = 4'242;
  Prng random(kSeed);
  for (int round = 0; round < 20'000; ++round) {
    Datagram bad(13 + random.below(1'200));
    for (auto& b : bad) b = static_cast<uint8_t>(random.next());
    bad[0] = static_cast<uint8_t>(20 + random.below(4));
    bad[1] = 0xfe;
    bad[2] = 0xfd;
    bad[3] = 0;
    bad[4] = static_cast<uint8_t>(random.below(3));
    bad[11] = static_cast<uint8_t>((bad.size() - 13) >> 8);
    bad[12] = static_cast<uint8_t>(bad.size() - 13);
    ASSERT_EQ(give(*server_, bad), Event::kNothing) << "seed " << kSeed << ", round " << round;
    server_out_.sent.clear();
  }
  client_->send(Datagram{1});
  EXPECT_EQ(give(*server_, client_out_.take()), Event::kMessage);
}

}  // namespace
}  // namespace swarmcast::transport
