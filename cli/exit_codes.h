// Exit codes: an interface, documented in docs/cli.md.
#pragma once

namespace swarmcast::cli {

inline constexpr int kExitOk = 0;     // ended by the user or by the end of the stream
inline constexpr int kExitUsage = 2;  // wrong options, or not a usable invite
inline constexpr int kExitEntryUnreachable = 3;
inline constexpr int kExitWrongSecret = 4;  // the invite is not for the node that answers
inline constexpr int kExitSourceLost = 5;
inline constexpr int kExitInput = 6;  // file, pipe or camera
inline constexpr int kExitLocal = 7;  // port in use, no memory, no media library
inline constexpr int kExitSwarmFull = 8;
inline constexpr int kExitUnsafe = 9;     // simulate: something happened that never must
inline constexpr int kExitNotLive = 10;   // simulate: somebody was left without a picture
inline constexpr int kExitInternal = 70;  // a fault of ours; also a failed assertion's code

}  // namespace swarmcast::cli
