#ifndef KEYS_TLS_LIBSSL_INTERNAL_H
#define KEYS_TLS_LIBSSL_INTERNAL_H

#include <openssl/ssl.h>

#include "keys/base/library.h"

/* libssl, for those that speak TLS: the listener and the courier. */
#define LIBSSL(F)                           \
	F(SSL_CTX_ctrl)                     \
	F(SSL_CTX_free)                     \
	F(SSL_CTX_new)                      \
	F(SSL_CTX_set_cert_verify_callback) \
	F(SSL_CTX_set_max_early_data)       \
	F(SSL_CTX_set_num_tickets)          \
	F(SSL_CTX_set_options)              \
	F(SSL_CTX_set_verify)               \
	F(SSL_CTX_use_PrivateKey)           \
	F(SSL_CTX_use_certificate)          \
	F(SSL_free)                         \
	F(SSL_get0_peer_certificate)        \
	F(SSL_is_init_finished)             \
	F(SSL_new)                          \
	F(SSL_shutdown)                     \
	F(TLS_server_method)
LIBRARY(libssl, LIBSSL);

#define SSL_CTX_ctrl libssl.SSL_CTX_ctrl
#define SSL_CTX_free libssl.SSL_CTX_free
#define SSL_CTX_new libssl.SSL_CTX_new
#define SSL_CTX_set_cert_verify_callback libssl.SSL_CTX_set_cert_verify_callback
#define SSL_CTX_set_max_early_data libssl.SSL_CTX_set_max_early_data
#define SSL_CTX_set_num_tickets libssl.SSL_CTX_set_num_tickets
#define SSL_CTX_set_options libssl.SSL_CTX_set_options
#define SSL_CTX_set_verify libssl.SSL_CTX_set_verify
#define SSL_CTX_use_PrivateKey libssl.SSL_CTX_use_PrivateKey
#define SSL_CTX_use_certificate libssl.SSL_CTX_use_certificate
#define SSL_free libssl.SSL_free
#define SSL_get0_peer_certificate libssl.SSL_get0_peer_certificate
#define SSL_is_init_finished libssl.SSL_is_init_finished
#define SSL_new libssl.SSL_new
#define SSL_shutdown libssl.SSL_shutdown
#define TLS_server_method libssl.TLS_server_method

#endif
