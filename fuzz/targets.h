// What the fuzzers drive. Each takes any bytes and aborts if a promise is broken.
#pragma once

#include <vector>

#include "engine/base/bytes.h"

namespace swarmcast::fuzz {

// Parses and verifies a fragment as a relay would. Promises: what parses is encoded back to the
// same bytes; only what the source has written is verified.
void fragment(ByteSpan message);
// Two frames as the source of fragment() writes them: where mutation starts.
const std::vector<std::vector<uint8_t>>& genuine_fragments();

// Restores a lean fragment by the proof of a genuine frame, and verifies it. Promises: what is not
// the source's is refused; what is, is written back to the same bytes.
void lean_fragment(ByteSpan message);
const std::vector<std::vector<uint8_t>>& genuine_lean_fragments();

// Parses an invite. Promise: what parses survives being written and read again, in both forms.
void invite(ByteSpan text);
const std::vector<std::vector<uint8_t>>& genuine_invites();

// Parses a session description. Promise: what parses survives being written and read again.
void sdp(ByteSpan text);
const std::vector<std::vector<uint8_t>>& genuine_sdps();

// Takes an SCTP packet apart and through both shims. Promise: what is acceptable stays so.
void sctp(ByteSpan packet);
const std::vector<std::vector<uint8_t>>& genuine_sctp_packets();

// Parses a DCEP message. Promise: what parses is written back to the same bytes.
void dcep(ByteSpan message);
const std::vector<std::vector<uint8_t>>& genuine_dceps();

// Parses a signal, its text, a greeting and a control body, and opens what is sealed. Promises:
// what parses is encoded back to the same bytes; only what a peer of the swarm has sealed opens.
void signal(ByteSpan message);
const std::vector<std::vector<uint8_t>>& genuine_signals();

// Reads a gateway's answer to a WebSocket handshake, and the origin of an invite. Promises: an
// answer that is accepted holds the proof asked for; an origin that parses survives being written
// again.
void gateway(ByteSpan text);
const std::vector<std::vector<uint8_t>>& genuine_gateway_texts();

}  // namespace swarmcast::fuzz
