/* box_peer - for the tests of box: a loop with one box on it, and the other end as a plain
 * socket that the test moves by hand.  Everything runs in the test's thread: PUMP(condition)
 * turns the loop until the condition holds, and fails after 10 s. */
#pragma once
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "kannel/box.h"

#define SOME_ID "0190163d-8694-739b-aea5-966c26f8ad91"

struct peer {
	int listener, port, fd;
	SSL *ssl;
	struct buf in;
	size_t taken;		/* of in, by peer_next() */
	bool ended;
};

static uv_loop_t loop;
static struct box *box;
static struct box_conf conf;
static struct peer peer;
static unsigned seen[BOX_EV_SHUTDOWN + 1];
static struct buf texts;		/* msgdata and acknowledged ids, a line each */
static void (*hook)(enum box_event event);	/* what the owner does in its callback */

static inline long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void turn(void)
{
	uv_run(&loop, UV_RUN_NOWAIT);
	usleep(200);
}

#define PUMP(condition) do {							\
	long until_ = now_ms() + 10000;						\
	while (!(condition)) {							\
		ck_assert_msg(now_ms() < until_, "waited in vain for " #condition);	\
		turn();								\
	}									\
} while (0)

static inline void pump_ms(long ms)
{
	for (long until = now_ms() + ms; now_ms() < until;)
		turn();
}

static inline void on_event(void *arg, struct box *from, enum box_event event,
			    const struct box_msg *msg)
{
	ck_assert_ptr_eq(arg, &peer);
	ck_assert(!box || from == box);
	ck_assert_int_eq(msg != NULL, event == BOX_EV_MSG);
	seen[event]++;
	if (msg) {
		buf_str(&texts, msg->type == BOX_SMS ? msg->sms.msgdata : msg->ack.id);
		buf_char(&texts, '\n');
	}
	if (hook)
		hook(event);
}

/* --- the other end --- */

static inline void peer_listen(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int on = 1;

	at.sin_port = htons((uint16_t)peer.port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(peer.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(peer.listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(peer.listener, 8), 0);
	ck_assert_int_eq(getsockname(peer.listener, (struct sockaddr *)&at, &size), 0);
	peer.port = ntohs(at.sin_port);
}

static inline void peer_deaf(void)
{
	close(peer.listener);
	peer.listener = -1;
}

static inline bool peer_try_accept(void)
{
	peer.fd = accept4(peer.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return peer.fd >= 0;
}

static inline void peer_accept(void)
{
	PUMP(peer_try_accept());
	peer.in.len = peer.taken = 0;
	peer.ended = false;
}

static inline void peer_close(void)
{
	if (peer.fd < 0)
		return;
	SSL_free(peer.ssl);
	peer.ssl = NULL;
	close(peer.fd);
	peer.fd = -1;
}

static inline void peer_reset(void)
{
	struct linger hard = { .l_onoff = 1 };

	setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	peer_close();
}

static inline ssize_t peer_recv(char *to, size_t room)
{
	if (!peer.ssl)
		return recv(peer.fd, to, room, 0);
	ERR_clear_error();
	int n = SSL_read(peer.ssl, to, (int)room);
	if (n > 0)
		return n;
	errno = EAGAIN;
	return SSL_get_error(peer.ssl, n) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static inline void peer_read(void)
{
	ssize_t n;

	do {
		buf_room(&peer.in, 65536);
		n = peer_recv(peer.in.ptr + peer.in.len, 65536);
		ck_assert_msg(n >= 0 || errno == EAGAIN, "the box: %s", strerror(errno));
		if (n == 0)
			peer.ended = true;
		if (n > 0)
			peer.in.len += (size_t)n;
	} while (n > 0);
}

static inline bool peer_try_next(struct box_msg *msg_r)
{
	struct str rest = buf_get(&peer.in), body;
	struct err err;

	str_skip(&rest, peer.taken);
	int n = wire_frame(rest, &body, &err);
	if (n == 0) {
		peer_read();
		return false;
	}
	ck_assert_msg(n > 0 && wire_unpack(body, msg_r, &err) == 0, "%s", err.text);
	peer.taken += (size_t)n;
	return true;
}

/* The next message that the box sent; its strings hold until the next call. */
static inline struct box_msg peer_next(void)
{
	struct box_msg msg;

	PUMP(peer_try_next(&msg));
	return msg;
}

static inline bool peer_saw_end(void)
{
	peer_read();
	return peer.ended;
}

static inline void peer_write(struct str bytes)
{
	while (bytes.len) {
		ssize_t n = peer.ssl ? SSL_write(peer.ssl, bytes.ptr, (int)bytes.len) :
			send(peer.fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (n > 0)
			str_skip(&bytes, (size_t)n);
		else
			turn();
	}
}

static inline void peer_send(const struct box_msg *msg)
{
	struct buf frame = { 0 };

	wire_pack(&frame, msg);
	peer_write(buf_get(&frame));
	buf_free(&frame);
}

static inline void peer_admin(int command)
{
	peer_send(&(struct box_msg){ .type = BOX_ADMIN, .admin.command = command });
}

static inline struct box_msg an_sms(const char *text)
{
	struct box_msg msg = { .type = BOX_SMS };

	wire_sms_init(&msg.sms);
	msg.sms.sms_type = BOX_MO;
	msg.sms.sender = STR("13800138000");
	msg.sms.receiver = STR("10086");
	msg.sms.msgdata = str_z(text);
	msg.sms.id = STR(SOME_ID);
	return msg;
}

static inline struct box_msg an_ack(void)
{
	return (struct box_msg){ .type = BOX_ACK, .ack.id = STR(SOME_ID) };
}

static inline void peer_sees_identify(void)
{
	struct box_msg msg = peer_next();

	ck_assert_int_eq(msg.type, BOX_ADMIN);
	ck_assert_int_eq(msg.admin.command, BOX_CMD_IDENTIFY);
	ck_assert(str_eqz(msg.admin.boxc_id, "smsd"));
}

/* --- a test's beginning and end --- */

static inline void set_up(void)
{
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	peer = (struct peer){ .listener = -1, .fd = -1 };
	memset(seen, 0, sizeof(seen));
	hook = NULL;
	peer_listen();
	conf = (struct box_conf){
		.name = "test", .host = "127.0.0.1", .port = peer.port, .boxc_id = "smsd",
		.heartbeat_s = 30, .backoff_min_ms = 20, .backoff_max_ms = 160,
	};
}

static inline void new_box(void)
{
	box = box_new(&loop, &conf, on_event, &peer);
}

static inline void box_comes_up(void)
{
	new_box();
	peer_accept();
	PUMP(box_is_up(box));
	peer_sees_identify();
}

/* That nothing is left on the loop is a part of each test. */
static inline void tear_down(void)
{
	box_free(&box);
	ck_assert_ptr_null(box);
	PUMP(!uv_loop_alive(&loop));
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	peer_close();
	if (peer.listener >= 0)
		peer_deaf();
	buf_free(&peer.in);
	buf_free(&texts);
}
