// Self-signed certificates that live in RAM only (RFC 8827: identity is the fingerprint).
#pragma once

#include <openssl/bio.h>
#include <openssl/types.h>

#include <memory>

#include "engine/base/contact.h"

namespace swarmcast::transport {

struct OpenSslDeleter {
  void operator()(EVP_PKEY* key) const;
  void operator()(X509* certificate) const;
  void operator()(SSL_CTX* context) const;
  void operator()(SSL* session) const;
  void operator()(BIO_METHOD* method) const;
};
template <typename T>
using OpenSslPtr = std::unique_ptr<T, OpenSslDeleter>;

// An ECDSA P-256 key and a certificate for it that looks like a browser's.
class Certificate {
 public:
  Certificate();  // a fresh one, about 0.1 ms

  EVP_PKEY* key() const { return key_.get(); }
  X509* x509() const { return x509_.get(); }
  const Fingerprint& fingerprint() const { return fingerprint_; }

 private:
  OpenSslPtr<EVP_PKEY> key_;
  OpenSslPtr<X509> x509_;
  Fingerprint fingerprint_;
};

// SHA-256 of the DER form.
Fingerprint fingerprint_of(const X509* certificate);

}  // namespace swarmcast::transport
