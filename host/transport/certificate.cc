#include "host/transport/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "engine/base/check.h"

namespace swarmcast::transport {
namespace {

constexpr long kDay = 24 * 3'600;
constexpr unsigned char kCommonName[] = "WebRTC";

}  // namespace

void OpenSslDeleter::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void OpenSslDeleter::operator()(X509* certificate) const { X509_free(certificate); }
void OpenSslDeleter::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void OpenSslDeleter::operator()(SSL* session) const { SSL_free(session); }
void OpenSslDeleter::operator()(BIO_METHOD* method) const { BIO_meth_free(method); }

Certificate::Certificate() : key_(EVP_EC_gen("P-256")), x509_(X509_new()) {
  SWARMCAST_CHECK(key_ && x509_);
  uint64_t serial;
  SWARMCAST_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  X509* x = x509_.get();
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), 30 * kDay);
  X509_set_pubkey(x, key_.get());
  X509_NAME* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kCommonName, -1, -1, 0);
  X509_set_issuer_name(x, name);
  SWARMCAST_CHECK(X509_sign(x, key_.get(), EVP_sha256()) > 0);
  fingerprint_ = fingerprint_of(x);
}

Fingerprint fingerprint_of(const X509* certificate) {
  Fingerprint out;
  unsigned size = out.size();
  SWARMCAST_CHECK(X509_digest(certificate, EVP_sha256(), out.data(), &size) == 1 &&
                  size == out.size());
  return out;
}

}  // namespace swarmcast::transport
