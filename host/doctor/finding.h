// What the doctor found: one finding a question, in words for a person.
#pragma once

#include <string>

namespace swarmcast::doctor {

enum class State {
  kOk,
  kWarning,  // works, with less protection or less comfort
  kProblem,  // a command will fail, or a promise is not kept on this machine
  kUnknown,  // cannot be known from here
};

struct Finding {
  std::string id;  // stable word, see docs/cli.md
  State state = State::kUnknown;
  std::string title;   // what was found, one line
  std::string detail;  // what it means
  std::string fix;     // what to do, an exact command where there is one; empty if nothing
};

}  // namespace swarmcast::doctor
