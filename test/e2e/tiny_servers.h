// Just enough of an HTTP and of an RTSP server to be pulled from, over loopback.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace swarmcast::test {

// Accepts one connection after the other, and answers requests that end with an empty line.
class TinyServer {
 public:
  TinyServer();
  virtual ~TinyServer();  // derived classes call stop() in theirs
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;
  uint16_t port() const { return port_; }

 protected:
  // Before the destructor of what answer() uses.
  void stop();
  void start();

 private:
  // `request`: the line and the headers. An empty answer ends the connection.
  virtual std::string answer(const std::string& request) = 0;
  void run();
  void serve(int connection);
  bool readable(int fd) const;

  int fd_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// GET of the files in a folder.
class HttpFolder : public TinyServer {
 public:
  explicit HttpFolder(std::string folder) : folder_(std::move(folder)) { start(); }
  ~HttpFolder() override { stop(); }

 private:
  std::string answer(const std::string& request) override;
  const std::string folder_;
};

// One H.264 track by RTP over UDP. Once somebody wants to see it, `play` learns the port to which
// the packets are to go.
class RtspServer : public TinyServer {
 public:
  explicit RtspServer(std::function<void(uint16_t port)> play) : play_(std::move(play)) { start(); }
  ~RtspServer() override { stop(); }

 private:
  std::string answer(const std::string& request) override;
  const std::function<void(uint16_t port)> play_;
  int client_port_ = 0;
};

}  // namespace swarmcast::test
