#ifndef GATEWAY_AGENT_LIBEVENT_INTERNAL_H
#define GATEWAY_AGENT_LIBEVENT_INTERNAL_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "keys/base/library.h"

/* libevent, for the listener and nobody else. */
#define LIBEVENT(F)                 \
	F(bufferevent_disable)      \
	F(bufferevent_enable)       \
	F(bufferevent_free)         \
	F(bufferevent_get_input)    \
	F(bufferevent_get_output)   \
	F(bufferevent_getfd)        \
	F(bufferevent_set_timeouts) \
	F(bufferevent_setcb)        \
	F(bufferevent_setwatermark) \
	F(bufferevent_write)        \
	F(evbuffer_add_printf)      \
	F(evbuffer_commit_space)    \
	F(evbuffer_drain)           \
	F(evbuffer_get_length)      \
	F(evbuffer_peek)            \
	F(evbuffer_reserve_space)   \
	F(evconnlistener_disable)   \
	F(evconnlistener_enable)    \
	F(evconnlistener_free)      \
	F(evconnlistener_new)       \
	F(event_add)                \
	F(event_base_dispatch)      \
	F(event_base_free)          \
	F(event_base_loopbreak)     \
	F(event_base_loopexit)      \
	F(event_base_new)           \
	F(event_free)               \
	F(event_new)
LIBRARY(libevent, LIBEVENT);

#define LIBEVENT_OPENSSL(F)                             \
	F(bufferevent_openssl_get_ssl)                  \
	F(bufferevent_openssl_set_allow_dirty_shutdown) \
	F(bufferevent_openssl_socket_new)
LIBRARY(libevent_openssl, LIBEVENT_OPENSSL);

#define bufferevent_disable libevent.bufferevent_disable
#define bufferevent_enable libevent.bufferevent_enable
#define bufferevent_free libevent.bufferevent_free
#define bufferevent_get_input libevent.bufferevent_get_input
#define bufferevent_get_output libevent.bufferevent_get_output
#define bufferevent_getfd libevent.bufferevent_getfd
#define bufferevent_set_timeouts libevent.bufferevent_set_timeouts
#define bufferevent_setcb libevent.bufferevent_setcb
#define bufferevent_setwatermark libevent.bufferevent_setwatermark
#define bufferevent_write libevent.bufferevent_write
#define evbuffer_add_printf libevent.evbuffer_add_printf
#define evbuffer_commit_space libevent.evbuffer_commit_space
#define evbuffer_drain libevent.evbuffer_drain
#define evbuffer_get_length libevent.evbuffer_get_length
#define evbuffer_peek libevent.evbuffer_peek
#define evbuffer_reserve_space libevent.evbuffer_reserve_space
#define evconnlistener_disable libevent.evconnlistener_disable
#define evconnlistener_enable libevent.evconnlistener_enable
#define evconnlistener_free libevent.evconnlistener_free
#define evconnlistener_new libevent.evconnlistener_new
#define event_add libevent.event_add
#define event_base_dispatch libevent.event_base_dispatch
#define event_base_free libevent.event_base_free
#define event_base_loopbreak libevent.event_base_loopbreak
#define event_base_loopexit libevent.event_base_loopexit
#define event_base_new libevent.event_base_new
#define event_free libevent.event_free
#define event_new libevent.event_new
#define bufferevent_openssl_get_ssl libevent_openssl.bufferevent_openssl_get_ssl
#define bufferevent_openssl_set_allow_dirty_shutdown \
	libevent_openssl.bufferevent_openssl_set_allow_dirty_shutdown
#define bufferevent_openssl_socket_new \
	libevent_openssl.bufferevent_openssl_socket_new

/* Both, once; before the sandbox. */
NEED int libevent_load(struct fault *f);

#endif
