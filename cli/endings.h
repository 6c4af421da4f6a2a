// How a session's end reads: exit code, the word in --json, and a sentence.
#pragma once

#include <string>

#include "host/session/session.h"

namespace swarmcast::cli {

struct Ending {
  int exit_code = 0;
  std::string reason;    // stable word, see docs/cli.md
  std::string sentence;  // what happened and what to do
};

Ending describe(const session::SessionEnd& end);

}  // namespace swarmcast::cli
