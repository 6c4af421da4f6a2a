#include "host/transport/sdp.h"

#include <gtest/gtest.h>

#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

// Written after the grammar of RFC 8839 and RFC 8841, with the lines that each kind of peer is
// known to send, in their order.
constexpr const char* kFingerprintLine =
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
    "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\r\n";

std::string chromium_offer() {
  return std::string(
             "v=0\r\no=- 7301984256317094562 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
             "a=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
             "m=application 52108 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.10\r\n"
             "a=candidate:1001 1 udp 2113937151 0b5e7c1e-3c35-4fd3-a1ad-5e7f0c7d2a11.local 52108 "
             "typ host generation 0 network-cost 999\r\n"
             "a=candidate:1002 1 udp 1677729535 198.51.100.7 61002 typ srflx raddr 0.0.0.0 rport 0 "
             "generation 0 network-cost 999\r\n"
             "a=candidate:1003 1 tcp 1518280447 192.0.2.10 9 typ host tcptype active\r\n"
             "a=candidate:1004 1 UDP 33562623 203.0.113.5 50123 typ relay raddr 0.0.0.0 rport 0\r\n"
             "a=ice-ufrag:Yx4K\r\na=ice-pwd:q1w2e3r4t5y6u7i8o9p0a1s2\r\na=ice-options:"
             "trickle\r\n") +
         kFingerprintLine +
         "a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
}

// Credentials and fingerprint for the whole session; two hashes.
std::string firefox_answer() {
  return std::string(
             "v=0\r\no=mozilla...THIS_IS_SDPARTA-99.0 5512348871203948 0 IN IP4 0.0.0.0\r\ns=-\r\n"
             "t=0 0\r\na=sendrecv\r\na=fingerprint:sha-512 00:11\r\n") +
         kFingerprintLine +
         "a=group:BUNDLE 0\r\na=ice-options:trickle\r\na=msid-semantic:WMS *\r\n"
         "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
         "a=candidate:0 1 UDP 2122187007 2001:db8::7 40002 typ host\r\n"
         "a=candidate:0 2 UDP 2122187006 2001:db8::7 40003 typ host\r\n"
         "a=sendrecv\r\na=end-of-candidates\r\na=ice-pwd:0123456789abcdef0123456789abcdef\r\n"
         "a=ice-ufrag:0a1b2c3d\r\na=mid:0\r\na=setup:active\r\na=sctp-port:5000\r\n"
         "a=max-message-size:1073741823\r\n";
}

// Lines end in "\n" only, ice-lite, a mid of its own.
std::string lite_answer() {
  return std::string(
             "v=0\no=rtc 3719403621 0 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE data\n"
             "a=ice-lite\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\n"
             "a=mid:data\na=setup:passive\na=ice-ufrag:abcd\n"
             "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa\n") +
         kFingerprintLine + "a=candidate:1 1 UDP 2122317823 192.0.2.77 40001 typ host\n";
}

SessionDescription read(const std::string& text) {
  const auto result = parse_sdp(text);
  const auto* description = std::get_if<SessionDescription>(&result);
  EXPECT_NE(description, nullptr) << text;
  return description ? *description : SessionDescription();
}

void expect_error(const std::string& text, SdpError expected) {
  const auto result = parse_sdp(text);
  const auto* error = std::get_if<SdpError>(&result);
  ASSERT_NE(error, nullptr) << text;
  EXPECT_EQ(*error, expected) << sentence(*error);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(Sdp, ReadsAnOfferOfChromium) {
  const SessionDescription d = read(chromium_offer());
  EXPECT_EQ(d.link.ufrag.view(), "Yx4K");
  EXPECT_EQ(d.link.password.view(), "q1w2e3r4t5y6u7i8o9p0a1s2");
  EXPECT_EQ(d.link.fingerprint[1], 0x11);
  EXPECT_EQ(d.link.fingerprint[31], 0xff);
  EXPECT_FALSE(d.link.native);
  EXPECT_EQ(d.setup, DtlsSetup::kActpass);
  EXPECT_EQ(d.mid, "0");
  EXPECT_FALSE(d.ice_lite);
  EXPECT_EQ(d.sctp_port, 5'000);
  EXPECT_EQ(d.max_message_size, 262'144u);
  ASSERT_EQ(d.link.candidates().size(), 2u);  // neither mDNS nor TCP
  EXPECT_EQ(d.link.candidates()[0].type, CandidateType::kServerReflexive);
  EXPECT_EQ(to_text(d.link.candidates()[0].endpoint), "198.51.100.7:61002");
  EXPECT_EQ(d.link.candidates()[1].type, CandidateType::kRelayed);
  EXPECT_EQ(d.link.candidates()[1].priority, 33'562'623u);
}

TEST(Sdp, ReadsAnAnswerOfFirefox) {
  const SessionDescription d = read(firefox_answer());
  EXPECT_EQ(d.link.ufrag.view(), "0a1b2c3d");
  EXPECT_EQ(d.setup, DtlsSetup::kActive);
  EXPECT_EQ(d.max_message_size, 1'073'741'823u);
  ASSERT_EQ(d.link.candidates().size(), 1u);  // of component 1 only
  EXPECT_EQ(to_text(d.link.candidates()[0].endpoint), "[2001:db8::7]:40002");
}

TEST(Sdp, ReadsAnIceLiteAnswer) {
  const SessionDescription d = read(lite_answer());
  EXPECT_TRUE(d.ice_lite);
  EXPECT_EQ(d.mid, "data");
  EXPECT_EQ(d.setup, DtlsSetup::kPassive);
  EXPECT_EQ(d.sctp_port, 5'000);
  EXPECT_EQ(d.max_message_size, 65'536u);
}

TEST(Sdp, WhatIsWrittenReadsTheSame) {
  for (const std::string& text : {chromium_offer(), firefox_answer(), lite_answer()}) {
    const SessionDescription d = read(text);
    EXPECT_EQ(read(write_sdp(d, 4711)), d);
  }
}

TEST(Sdp, AnAnswerHasWhatBrowsersWant) {
  SessionDescription answer = read(chromium_offer());
  answer.setup = DtlsSetup::kActive;
  answer.mid = "data";
  const std::string text = write_sdp(answer, 4711);
  for (const char* line :
       {"v=0\r\n", "o=- 4711 1 IN IP4 127.0.0.1\r\n", "a=group:BUNDLE data\r\n",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "a=mid:data\r\n",
        "a=setup:active\r\n", "a=sctp-port:5000\r\n", "a=max-message-size:262144\r\n",
        "a=ice-ufrag:Yx4K\r\n",
        "a=candidate:1 1 udp 1677729535 198.51.100.7 61002 typ srflx raddr 0.0.0.0 rport 0\r\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("a=ice-lite"), std::string::npos);
}

TEST(Sdp, SaysWhatIsWrong) {
  const std::string good = chromium_offer();
  expect_error("", SdpError::kNotSdp);
  expect_error("hello", SdpError::kNotSdp);
  expect_error("v=1\r\n", SdpError::kNotSdp);
  expect_error(good + "x\r\n", SdpError::kNotSdp);
  expect_error(good + std::string(kMaxSdpSize, 'a'), SdpError::kNotSdp);
  expect_error("v=0\r\ns=-\r\n", SdpError::kNoDataChannel);
  expect_error(replaced(good, "m=application 52108", "m=application 0"), SdpError::kNoDataChannel);
  expect_error(replaced(good, "UDP/DTLS/SCTP", "RTP/SAVPF"), SdpError::kNoDataChannel);
  expect_error(good + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", SdpError::kOtherMedia);
  expect_error(replaced(good, "a=ice-ufrag:Yx4K\r\n", ""), SdpError::kCredentials);
  expect_error(replaced(good, "a=ice-ufrag:Yx4K", "a=ice-ufrag:Yx4"), SdpError::kCredentials);
  expect_error(replaced(good, "a=ice-pwd:q1w2e3", "a=ice-pwd:q 1w2e3"), SdpError::kCredentials);
  expect_error(replaced(good, "sha-256", "sha-1"), SdpError::kFingerprint);
  expect_error(replaced(good, "00:11:22", "00:1g:22"), SdpError::kFingerprint);
  expect_error(replaced(good, "00:11:22", "00-11:22"), SdpError::kFingerprint);
  expect_error(replaced(good, "00:11:22", "00:11"), SdpError::kFingerprint);
  expect_error(replaced(good, "a=setup:actpass", "a=setup:holdconn"), SdpError::kAttribute);
  expect_error(replaced(good, "a=mid:0\r\n", ""), SdpError::kAttribute);
  expect_error(replaced(good, "a=mid:0", "a=mid:" + std::string(kMaxMidSize + 1, '0')),
               SdpError::kAttribute);
  expect_error(replaced(good, "a=mid:0", "a=mid:0\ta=x"), SdpError::kAttribute);
  expect_error(replaced(good, "a=sctp-port:5000", "a=sctp-port:0"), SdpError::kAttribute);
  expect_error(replaced(good, "a=sctp-port:5000", "a=sctp-port:65536"), SdpError::kAttribute);
}

TEST(Sdp, MalformedCandidatesAreLeftOut) {
  for (const char* line :
       {"", "1", "1 1 udp", "1 1 udp -1 192.0.2.1 1 typ host",
        "1 1 udp 4294967296 192.0.2.1 1 typ host", "1 1 udp 1 192.0.2.1 0 typ host",
        "1 1 udp 1 192.0.2.1 65536 typ host", "1 1 udp 1 192.0.2 1 typ host",
        "1 1 udp 1 192.0.2.1 1 typ prflx", "1 1 udp 1 192.0.2.1 1 type host",
        "1 2 udp 1 192.0.2.1 1 typ host", " 1 udp 1 192.0.2.1 1 typ host"}) {
    const std::string text = chromium_offer() + "a=candidate:" + line + "\r\n";
    EXPECT_EQ(read(text).link.candidates().size(), 2u) << line;
  }
}

TEST(Sdp, CandidatesBeyondTheLimitAreLeftOut) {
  std::string text = chromium_offer();
  for (int i = 1; i <= 100; ++i) {
    text += "a=candidate:1 1 udp 2122317823 192.0.2." + std::to_string(i) + " 4000 typ host\r\n";
  }
  const SessionDescription d = read(text);
  EXPECT_EQ(d.link.candidates().size(), kMaxCandidates);
  EXPECT_TRUE(d.link.offers(CandidateType::kServerReflexive));
  EXPECT_TRUE(d.link.offers(CandidateType::kRelayed));
}

}  // namespace
}  // namespace swarmcast::transport
