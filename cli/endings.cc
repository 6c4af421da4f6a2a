#include "cli/endings.h"

#include "cli/exit_codes.h"

namespace swarmcast::cli {
namespace {

Ending describe_engine(output::EndReason reason) {
  using enum output::EndReason;
  const auto ending = [reason](int exit_code, const char* sentence) {
    return Ending{exit_code, std::string(to_string(reason)), sentence};
  };
  switch (reason) {
    case kStopped:
      return ending(kExitOk, "Stopped.");
    case kSourceEnded:
      return ending(kExitOk, "The broadcast has ended.");
    case kEntryUnreachable:
      return ending(
          kExitEntryUnreachable,
          "Nobody answers at the invite's address. The broadcast may be over, or a firewall is "
          "in between: ask for a fresh invite from somebody who is watching.");
    case kWrongSecret:
      return ending(kExitWrongSecret,
                    "The node at the invite's address refuses this invite: it belongs to another "
                    "broadcast. Ask for a fresh invite.");
    case kWrongSource:
      return ending(
          kExitWrongSecret,
          "The broadcast at the invite's address is not the one the invite names. Do not trust "
          "it; ask for a fresh invite.");
    case kVersionMismatch:
      return ending(
          kExitUsage,
          "The node at the invite's address speaks another version of swarmcast. Use the same "
          "version on both sides.");
    case kSwarmFull:
      return ending(
          kExitSwarmFull,
          "Nobody in the swarm has a free place. Try again in a minute, or ask a viewer for "
          "an invite of theirs.");
    case kSourceLost:
      return ending(kExitSourceLost,
                    "The stream has been gone for two minutes and nobody else has it.");
  }
  return {kExitInternal, "internal", ""};
}

}  // namespace

Ending describe(const session::SessionEnd& end) {
  using enum session::SessionEnd::Cause;
  switch (end.cause) {
    case kEngine:
      return describe_engine(end.engine_reason);
    case kInputEnded:
      return {kExitOk, "input_ended", "The input has ended, and with it the broadcast."};
    case kInputFailed:
      return {kExitInput, "input_failed", end.sentence};
    case kOutputFailed:
      return {kExitInput, "output_failed", end.sentence};
    case kLocal:
      return {kExitLocal, "local", end.sentence};
  }
  return {kExitInternal, "internal", end.sentence};
}

}  // namespace swarmcast::cli
