#ifndef KEYS_TLS_TLS_H
#define KEYS_TLS_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "keys/base/bytes.h"

/*
 * TLS 1.3 between two Ed25519 keys that know each other, without certificate
 * authorities: a certificate is nothing but the envelope that TLS wants around
 * a public key, made from the key whenever it is needed and always the same.
 * Names, dates and issuers in it are read by nobody.
 *
 * Both sides accept TLS 1.3, Ed25519 certificates and signatures, and nothing
 * older or other; no session tickets, no early data, no renegotiation.
 */

#define TLS_SEED_BYTES 32u /* an Ed25519 private key (RFC 8032) */
#define TLS_KEY_BYTES 32u  /* its public key */

/*
 * Load libssl, and have OpenSSL keep the private keys of this process, its own
 * and those of handshakes, in a secure heap: locked, kept out of core dumps,
 * wiped.  Before the first key and before any sandbox, once or more often.
 * FAULT_SYSTEM when memory cannot be locked.
 */
NEED int tls_start(struct fault *f);

/* The public key of a seed.  FAULT_SYSTEM when OpenSSL fails. */
NEED int tls_public(uint8_t out[TLS_KEY_BYTES],
    const uint8_t seed[TLS_SEED_BYTES], struct fault *f);

/* Append the self-signed certificate (X.509, DER; RFC 8410) of a seed. */
NEED int tls_certificate(
    struct bytes *out, const uint8_t seed[TLS_SEED_BYTES], struct fault *f);

/* Append the same and, with private, the private key in PKCS #8, as PEM: what
 * curl and openssl read.  out then holds a secret. */
NEED int tls_pem(struct bytes *out, const uint8_t seed[TLS_SEED_BYTES],
    bool private, struct fault *f);

/* curl's pin of a public key: "sha256//" and base64 of its SHA-256, as
 * SubjectPublicKeyInfo. */
#define TLS_PIN_CHARS 52u
NEED int tls_pin(char out[TLS_PIN_CHARS + 1], const uint8_t key[TLS_KEY_BYTES],
    struct fault *f);

/* A server that has this key and wants an Ed25519 certificate, of any key,
 * from whoever connects: who that is, tls_peer() tells, and who may do what is
 * decided above.  NULL may be freed. */
NEED int tls_server(
    SSL_CTX **out, const uint8_t seed[TLS_SEED_BYTES], struct fault *f);
void tls_server_free(SSL_CTX *ctx);

/* One connection of a server, NULL without memory; the alert that says its end
 * is the end (close_notify); freeing it. */
SSL *tls_line(SSL_CTX *ctx);
void tls_line_end(SSL *ssl);
void tls_line_free(SSL *ssl);

/*
 * Prepare a client's context, made by the caller or by libcurl: it has the key
 * of seed and finishes a handshake only with the server that has the key pin.
 * Any other is refused within the handshake, before a byte of ours is sent.
 * pin must stay where it is while ctx lives.
 */
NEED int tls_client(SSL_CTX *ctx, const uint8_t seed[TLS_SEED_BYTES],
    const uint8_t pin[TLS_KEY_BYTES], struct fault *f);

/* The public key that the other side has shown it owns; false before the end
 * of the handshake. */
NEED bool tls_peer(uint8_t out[TLS_KEY_BYTES], const SSL *ssl);

#endif
