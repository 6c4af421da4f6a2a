// A machine made of a folder: what the probes would read, as a test wants it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "host/doctor/machine.h"

namespace swarmcast::doctor {

class FakeMachine {
 public:
  FakeMachine() {
    std::string pattern = std::filesystem::temp_directory_path() / "swarmcast-doctor-XXXXXX";
    machine.root = mkdtemp(pattern.data());
    machine.may_use = [this](const std::string& path) {
      return usable.contains(path.substr(machine.root.size()));
    };
    machine.environment = [this](const char* name) { return variables[name]; };
  }
  ~FakeMachine() { std::filesystem::remove_all(machine.root); }
  FakeMachine(const FakeMachine&) = delete;
  FakeMachine& operator=(const FakeMachine&) = delete;

  FakeMachine& file(const std::string& path, const std::string& content) {
    std::ofstream(made(path)) << content;
    return *this;
  }
  FakeMachine& link(const std::string& path, const std::string& target) {
    std::filesystem::create_symlink(target, made(path));
    return *this;
  }

  Machine machine;
  std::set<std::string> usable;
  std::map<std::string, std::string> variables;

 private:
  std::filesystem::path made(const std::string& path) {
    const std::filesystem::path out = machine.root + path;
    std::filesystem::create_directories(out.parent_path());
    std::filesystem::remove(out);
    return out;
  }
};

}  // namespace swarmcast::doctor
