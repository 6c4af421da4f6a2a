// Sealing of frames: ChaCha20-Poly1305 (RFC 8439) under a key of the epoch, the publisher and the
// track (spec/frame-crypto.md, "Sealing").
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/frame.h"
#include "engine/crypto/epochs.h"

namespace swarmcast::crypto {

// Seals `frame`, one encoded picture or sound packet, into `out`; header.sealed_size ==
// out.size() == frame.size() + kAeadTagSize. The nonce is the frame's number: never seal two
// different contents as the same frame of one epoch. `out` may start where `frame` starts.
void seal_frame(const CryptoProvider& crypto, const EpochKey& epoch, const PublicKey& publisher,
                const FrameHeader& header, ByteSpan frame, MutableByteSpan out);

// Opens into the caller's buffer; sealed.size() == header.sealed_size == out.size() +
// kAeadTagSize. False and `out` zeroed if the key, the header or the bytes are not those that were
// sealed.
bool open_frame(const CryptoProvider& crypto, const EpochKey& epoch, const PublicKey& publisher,
                const FrameHeader& header, ByteSpan sealed, MutableByteSpan out);

// KDF(epoch key, "swarmcast frame key v1", term || publisher || track). The caller wipes it.
Bytes<32> frame_key(const CryptoProvider& crypto, const EpochKey& epoch, const PublicKey& publisher,
                    TrackId track);

}  // namespace swarmcast::crypto
