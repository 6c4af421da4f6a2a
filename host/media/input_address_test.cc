#include "host/media/input_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

#include "host/media/name_lookup.h"

namespace swarmcast::media {
namespace {

using Option = std::pair<std::string, std::string>;

InputAddress parsed(const std::string& url) {
  const auto address = parse_input_address(url);
  EXPECT_TRUE(address) << url;
  return address.value_or(InputAddress{});
}

TEST(InputAddressTest, FilesAreNone) {
  for (const char* file : {"clip.mp4", "/a/b:c.mp4", "-", "", "://x", "C:clip.mp4"})
    EXPECT_FALSE(parse_input_address(file)) << file;
}

TEST(InputAddressTest, ThreeWaysToListen) {
  const InputAddress srt = parsed("srt://0.0.0.0:9000?mode=listener&latency=200000");
  EXPECT_TRUE(srt.listens && srt.live && srt.datagrams);
  EXPECT_EQ(srt.url, "srt://0.0.0.0:9000?latency=200000");
  EXPECT_EQ(srt.options, (std::vector<Option>{{"mode", "listener"}}));
  const InputAddress rtmp = parsed("rtmp://127.0.0.1:1935/live/key?listen");
  EXPECT_TRUE(rtmp.listens);
  EXPECT_EQ(rtmp.url, "rtmp://127.0.0.1:1935/live/key");
  EXPECT_EQ(rtmp.options, (std::vector<Option>{{"listen", "1"}}));
  EXPECT_EQ(rtmp.port, 1935);
  EXPECT_TRUE(parsed("tcp://0.0.0.0:5000").listens);
  EXPECT_TRUE(parsed("srt://[::]:9000").listens);
  EXPECT_TRUE(parsed("udp://127.0.0.1:5000").listens);
  EXPECT_TRUE(parsed("http://127.0.0.1:8080/x?listen=1").live);
}

TEST(InputAddressTest, CallsOthersAndKnowsWhatMayComeBack) {
  EXPECT_FALSE(parsed("srt://example.org:9000").listens);
  EXPECT_TRUE(parsed("srt://example.org:9000").live);
  EXPECT_FALSE(parsed("rtmp://example.org/live/listen").listens);
  EXPECT_FALSE(parsed("http://example.org/film.mp4").live);
  EXPECT_FALSE(parsed("https://example.org/a.m3u8?mode=listener").listens);
}

TEST(InputAddressTest, WhatIsShownHoldsNoKey) {
  EXPECT_EQ(parsed("RTMP://me:secret@Host.example:1935/live/KEY?x=KEY").shown,
            "rtmp://Host.example:1935");
  EXPECT_EQ(parsed("srt://[2001:db8::1]:9000?passphrase=KEY").shown, "srt://[2001:db8::1]:9000");
  EXPECT_EQ(parsed("rtsp://u:p@cam/KEY").shown, "rtsp://cam");
}

TEST(InputAddressTest, TellsSendersWhereToGo) {
  EXPECT_EQ(how_to_push(parsed("rtmp://127.0.0.1/live/KEY?listen")),
            "In OBS: Settings, Stream, Service \"Custom...\", Server rtmp://127.0.0.1/live, any "
            "Stream Key.");
  EXPECT_NE(how_to_push(parsed("rtmp://127.0.0.1:1935/one?listen")).find(":1935/one, any"),
            std::string::npos);
  EXPECT_NE(how_to_push(parsed("rtmp://127.0.0.1:1935?listen")).find(":1935/live, any"),
            std::string::npos);
  const std::string srt = how_to_push(parsed("srt://0.0.0.0:9000?passphrase=SECRET"));
  EXPECT_NE(srt.find("srt://127.0.0.1:9000"), std::string::npos) << srt;
  EXPECT_NE(srt.find("From another computer"), std::string::npos) << srt;
  EXPECT_EQ(srt.find("SECRET"), std::string::npos) << srt;
  EXPECT_NE(how_to_push(parsed("udp://[::]:5000")).find("-f mpegts udp://[::1]:5000"),
            std::string::npos);
}

TEST(InputAddressTest, WhatIsWronglyWrittenIsSaid) {
  const auto says = [](const std::string& url, const std::string& words) {
    const std::string sentence = check_spelling(parsed(url));
    EXPECT_NE(sentence.find(words), std::string::npos) << url << ": " << sentence;
    EXPECT_EQ(sentence.empty(), words.empty()) << url << ": " << sentence;
  };
  says("rtmp://", "names no machine");
  says("http:///film.mp4", "names no machine");
  says("srt://:9000", "names no machine");
  says("srt://example.org", "names no port");
  says("udp://127.0.0.1", "names no port");
  says("tcp://127.0.0.1?listen", "names no port. Write it as tcp://127.0.0.1:9000");
  says("http://[::1]?listen", "Write it as http://[::1]:9000");
  says("rtmp://127.0.0.1:99999/live/key?listen", "no number from 1 to 65535");
  says("srt://a:9000?mode=caller&passphrase=short", "10 to 79");
  says("srt://a:9000?passphrase=longenough", "");
  says("rtmp://127.0.0.1/live/key?listen", "");
  says("http://example.org/film.mp4", "");
  says("file:///film.mp4", "");
  says("udp://:5000", "");
}

TEST(InputAddressTest, GarbageIsBounded) {
  std::mt19937 random(5);
  const std::string letters = "srtmp:/?&@[]=listen0.0%#\n\xff";
  for (int i = 0; i < 20'000; ++i) {
    std::string url = random() % 2 ? "srt://" : "rtmp://";
    for (unsigned n = random() % 40; n > 0; --n) url += letters[random() % letters.size()];
    const auto address = parse_input_address(url);
    if (!address) continue;
    EXPECT_GE(address->port, 0);
    EXPECT_LT(address->port, 65'536);
    EXPECT_LE(address->shown.size(), url.size() + 8);
  }
}

TEST(InputAddressTest, APortInUseGetsASentence) {
  const int taken = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&here), size), 0);
  getsockname(taken, reinterpret_cast<sockaddr*>(&here), &size);
  const std::string port = std::to_string(ntohs(here.sin_port));
  EXPECT_NE(check_listening_address(parsed("srt://127.0.0.1:" + port + "?listen")).find("in use"),
            std::string::npos);
  close(taken);
  EXPECT_EQ(check_listening_address(parsed("srt://127.0.0.1:" + port + "?listen")), "");
  EXPECT_NE(check_listening_address(parsed("srt://192.0.2.1:9000?listen")), "");
  EXPECT_NE(check_spelling(parsed("srt://0.0.0.0")), "");
}

TEST(NameLookupTest, NumbersAndStopsAnswerAtOnce) {
  StopSignal stop;
  EXPECT_EQ(look_up("127.0.0.1", stop), "");
  EXPECT_EQ(look_up("::1", stop), "");
  EXPECT_EQ(look_up("", stop), "");
  stop.raise();
  EXPECT_EQ(look_up("name.invalid", stop), "") << "who has stopped needs no sentence";
}

}  // namespace
}  // namespace swarmcast::media
