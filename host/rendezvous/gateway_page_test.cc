#include "host/rendezvous/gateway_page.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "host/rendezvous/gateway_for_test.h"
#include "host/rendezvous/gateway_server.h"

namespace swarmcast::rendezvous {
namespace {

// More than the kernel takes at once, so that a reader can be slow.
const std::string kLarge(8 << 20, 'w');
const WebFile kFiles[] = {
    {"/", "text/html; charset=utf-8", false, false, "<!DOCTYPE html><title>the app</title>"},
    {"/assets/main-0a1b2c3d.js", "text/javascript; charset=utf-8", true, true, "\x1f\x8b..."},
    {"/assets/engine-0a1b2c3d.wasm", "application/wasm", false, true, kLarge},
};
const WebBundle kWeb{"default-src 'none'; script-src 'self'", kFiles};

class GatewayPageTest : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void start(const GatewayLimits& limits) {
    server.emplace(loop, numbers, recorder, kWeb, limits);
    const auto problem = server->listen(at("127.0.0.1:0"));
    ASSERT_FALSE(problem) << *problem;
  }
  std::string ask(const std::string& request) {
    Stranger client(loop, server->local_endpoint());
    client.send(request);
    EXPECT_TRUE(run_until(loop, [&] { return client.closed; })) << request;
    return client.received;
  }
  std::string get(const std::string& path) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  Loop loop;
  PathNumbers numbers;
  Recorder recorder;
  std::optional<GatewayServer> server;
};

void expect_headers(const std::string& answer, std::initializer_list<const char*> headers) {
  const std::string head = answer.substr(0, answer.find("\r\n\r\n") + 2);
  for (const char* header : headers)
    EXPECT_NE(head.find(std::string(header) + "\r\n"), head.npos) << header << " not in " << head;
}

TEST_F(GatewayPageTest, TheAppIsServedUnderItsOwnPolicy) {
  const std::string page = get("/");
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 ")) << page;
  EXPECT_TRUE(page.ends_with("\r\n\r\n" + std::string(kFiles[0].bytes))) << page;
  expect_headers(page, {"Content-Type: text/html; charset=utf-8",
                        "Content-Security-Policy: default-src 'none'; script-src 'self'",
                        "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
                        "Referrer-Policy: no-referrer", "Connection: close"});
  EXPECT_EQ(page.find("Content-Encoding"), page.npos);
  for (const char* header : {"\nServer:", "\nDate:", "\nSet-Cookie:", "\nETag:"})
    EXPECT_EQ(page.find(header), page.npos) << page;
}

TEST_F(GatewayPageTest, WhatNeverChangesMayBeKeptAndIsCompressed) {
  const std::string script = get("/assets/main-0a1b2c3d.js");
  EXPECT_TRUE(script.ends_with("\r\n\r\n\x1f\x8b...")) << script;
  expect_headers(script, {"Content-Type: text/javascript; charset=utf-8", "Content-Encoding: gzip",
                          "Cache-Control: private, max-age=31536000, immutable",
                          "X-Content-Type-Options: nosniff"});
  expect_headers(get("/assets/engine-0a1b2c3d.wasm"), {"Content-Type: application/wasm"});
}

TEST_F(GatewayPageTest, NothingElseIsThere) {
  for (const char* path : {"/index.html", "/assets", "/assets/", "/assets/main-0a1b2c3d.js/",
                           "/ASSETS/main.js", "/%00", "/assets/main-0a1b2c3d.jsx"}) {
    const std::string answer = get(path);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 "))
        << path << ": " << answer.substr(0, 200);
  }
  EXPECT_TRUE(ask("POST /assets/main-0a1b2c3d.js HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                  .starts_with("HTTP/1.1 404 "));
}

TEST_F(GatewayPageTest, AHeadHasNoBody) {
  const std::string head = ask("HEAD /assets/engine-0a1b2c3d.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head.size();
}

// A phone on a bad line may take longer than the time for a request, and gets all of it.
TEST_F(GatewayPageTest, ALargeFileHasTimeBySize) {
  start({.request_time = Duration::millis(50), .slowest_reader = kLarge.size() / 60});
  Stranger slow(loop, server->local_endpoint());
  slow.send("GET /assets/engine-0a1b2c3d.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return !slow.received.empty(); }));
  slow.stop_reading();
  run_for(loop, Duration::millis(150));
  EXPECT_EQ(server->connections(), 1u);
  slow.go_on_reading();
  EXPECT_TRUE(run_until(loop, [&] { return slow.closed; }));
  EXPECT_TRUE(slow.received.ends_with(kLarge.substr(0, 100)));
  EXPECT_GT(slow.received.size(), kLarge.size());
  EXPECT_EQ(server->counters().timed_out, 0u);
}

TEST_F(GatewayPageTest, WhoDoesNotReadIsCutOff) {
  start({.request_time = Duration::millis(50), .slowest_reader = kLarge.size() * 2});
  Stranger deaf(loop, server->local_endpoint());
  deaf.send("GET /assets/engine-0a1b2c3d.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(run_until(loop, [&] { return !deaf.received.empty(); }));
  deaf.stop_reading();
  EXPECT_TRUE(run_until(loop, [&] { return server->connections() == 0; }));
  EXPECT_EQ(server->counters().timed_out, 1u);
}

}  // namespace
}  // namespace swarmcast::rendezvous
