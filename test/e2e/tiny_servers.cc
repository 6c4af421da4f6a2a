#include "test/e2e/tiny_servers.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace swarmcast::test {
namespace {

constexpr int kAcceptPollMs = 50;
constexpr size_t kMaxRequest = 16'384;

// The value of a header, as far as its line goes.
std::string header(const std::string& request, const std::string& name) {
  const size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const size_t start = at + name.size() + 4;
  return request.substr(start, request.find('\r', start) - start);
}

}  // namespace

TinyServer::TinyServer() {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&here), size), 0);
  EXPECT_EQ(listen(fd_, 8), 0);
  getsockname(fd_, reinterpret_cast<sockaddr*>(&here), &size);
  port_ = ntohs(here.sin_port);
}

TinyServer::~TinyServer() { close(fd_); }

void TinyServer::start() {
  thread_ = std::thread([this] { run(); });
}

void TinyServer::stop() {
  stopping_ = true;
  thread_.join();
}

bool TinyServer::readable(int fd) const {
  pollfd poll_fd{fd, POLLIN, 0};
  while (!stopping_)
    if (poll(&poll_fd, 1, kAcceptPollMs) > 0) return true;
  return false;
}

void TinyServer::run() {
  while (readable(fd_)) {
    const int connection = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve(connection);
    close(connection);
  }
}

void TinyServer::serve(int connection) {
  std::string pending;
  while (readable(connection)) {
    char buffer[4096];
    const ssize_t n = recv(connection, buffer, sizeof buffer, 0);
    if (n <= 0 || pending.size() > kMaxRequest) return;
    pending.append(buffer, static_cast<size_t>(n));
    for (size_t end; (end = pending.find("\r\n\r\n")) != std::string::npos;) {
      const std::string reply = answer(pending.substr(0, end + 2));
      pending.erase(0, end + 4);
      if (reply.empty()) return;
      send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
      if (reply.find("Connection: close") != std::string::npos) return;
    }
  }
}

std::string HttpFolder::answer(const std::string& request) {
  const size_t start = request.rfind('/', request.find(" HTTP/1.")) + 1;
  const std::string name = request.substr(start, request.find_first_of(" ?", start) - start);
  std::ifstream file(folder_ + "/" + name, std::ios::binary);
  std::ostringstream content;
  if (file) content << file.rdbuf();
  return std::string("HTTP/1.1 ") + (file ? "200 OK" : "404 Not Found") +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(content.str().size()) +
         "\r\n\r\n" + content.str();
}

std::string RtspServer::answer(const std::string& request) {
  const std::string method = request.substr(0, request.find(' '));
  const std::string url =
      request.substr(method.size() + 1, request.find(" RTSP/") - method.size() - 1);
  std::string reply = "RTSP/1.0 200 OK\r\nCSeq: " + header(request, "CSeq") + "\r\nSession: 7\r\n";
  if (method == "DESCRIBE") {
    const std::string sdp =
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
        "a=control:track1\r\n";
    return reply + "Content-Base: " + url +
           "/\r\nContent-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) +
           "\r\n\r\n" + sdp;
  }
  if (method == "SETUP") {
    const std::string transport = header(request, "Transport");
    const size_t at = transport.find("client_port=");
    if (at == std::string::npos) return "";
    std::sscanf(transport.c_str() + at, "client_port=%d", &client_port_);
    reply += "Transport: " + transport + ";server_port=" + std::to_string(port()) + "-" +
             std::to_string(port() + 1) + "\r\n";
  }
  if (method == "PLAY") play_(static_cast<uint16_t>(client_port_));
  return reply + "\r\n";
}

}  // namespace swarmcast::test
