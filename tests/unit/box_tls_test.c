/* box_tls_test - the link over TLS: whom it trusts, and that it carries, closes and comes
 * back as the plain one does.  Certificates are made by openssl(1) for the run. */
#include "box_peer.h"

static char folder[] = "/tmp/box_tls_test.XXXXXX";
static char good_pem[64], good_key[64], other_pem[64];
static SSL_CTX *ctx;

static void make_certificate(const char *name)
{
	char command[512];

	snprintf(command, sizeof(command), "openssl req -x509 -newkey ec -pkeyopt "
		 "ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=%s -addext "
		 "subjectAltName=DNS:%s.test,IP:127.0.0.1 -keyout %s/%s.key -out %s/%s.pem "
		 "2>/dev/null", name, name, folder, name, folder, name);
	if (system(command) != 0) {
		puts("Bail out! openssl makes no certificate");
		exit(EXIT_FAILURE);
	}
}

static void make_certificates(void)
{
	if (!mkdtemp(folder))
		exit(EXIT_FAILURE);
	snprintf(good_pem, sizeof(good_pem), "%s/good.pem", folder);
	snprintf(good_key, sizeof(good_key), "%s/good.key", folder);
	snprintf(other_pem, sizeof(other_pem), "%s/other.pem", folder);
	make_certificate("good");
	make_certificate("other");
}

static void remove_certificates(void)
{
	static const char *const file[] = { "good.pem", "good.key", "other.pem", "other.key" };
	char path[96];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, file[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void set_up_tls(void)
{
	set_up();
	ctx = SSL_CTX_new(TLS_server_method());
	ck_assert_int_eq(SSL_CTX_use_certificate_file(ctx, good_pem, SSL_FILETYPE_PEM), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(ctx, good_key, SSL_FILETYPE_PEM), 1);
	/* a buffer may move between two attempts to write it */
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	conf.tls = true;
	conf.tls_ca = good_pem;
	conf.tls_name = "good.test";
}

static void tear_down_tls(void)
{
	tear_down();
	SSL_CTX_free(ctx);
}

/* 1 when the peer's side of the handshake is over, -1 when it failed. */
static int try_handshake(void)
{
	ERR_clear_error();
	int rc = SSL_accept(peer.ssl);

	if (rc == 1)
		return 1;
	int why = SSL_get_error(peer.ssl, rc);
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static int peer_handshake(void)
{
	int rc;

	peer_accept();
	peer.ssl = SSL_new(ctx);
	SSL_set_fd(peer.ssl, peer.fd);
	PUMP((rc = try_handshake()) != 0);
	return rc;
}

static void box_comes_up_tls(void)
{
	new_box();
	ck_assert_int_eq(peer_handshake(), 1);
	peer_sees_identify();
	ck_assert(box_is_up(box));
}

static void goes_up(void)
{
	box_comes_up_tls();
	ck_assert_uint_eq(seen[BOX_EV_UP], 1);
}

/* Nothing of ours is told to a peer that is not who it should be. */
static void stays_down(void)
{
	char octet;

	new_box();
	for (int i = 0; i < 2; i++) {
		peer_handshake();
		pump_ms(50);
		ck_assert_int_le(SSL_read(peer.ssl, &octet, 1), 0);
		ck_assert(!box_is_up(box));
		peer_close();
	}
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
}

/* --- trust --- */

START_TEST(trusted_with_name)
{
	goes_up();
}
END_TEST

START_TEST(trusted_with_address)
{
	conf.tls_name = "127.0.0.1";
	goes_up();
}
END_TEST

START_TEST(trusted_of_any_name)
{
	conf.tls_name = NULL;
	goes_up();
}
END_TEST

START_TEST(not_verified)
{
	conf.tls_ca = conf.tls_name = NULL;
	goes_up();
}
END_TEST

START_TEST(name_without_ca)
{
	conf.tls_ca = NULL;
	goes_up();
}
END_TEST

START_TEST(other_name)
{
	conf.tls_name = "other.test";
	stays_down();
}
END_TEST

START_TEST(other_name_without_ca)
{
	conf.tls_ca = NULL;
	conf.tls_name = "127.0.0.2";
	stays_down();
}
END_TEST

START_TEST(other_ca)
{
	conf.tls_ca = other_pem;
	stays_down();
}
END_TEST

START_TEST(tls_1_2_is_taken)
{
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	goes_up();
}
END_TEST

START_TEST(tls_1_1_is_refused)
{
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
	SSL_CTX_set_security_level(ctx, 0);
	stays_down();
}
END_TEST

/* It is read at each attempt, so that mending it needs no restart. */
START_TEST(ca_that_cannot_be_read)
{
	conf.tls_ca = "/nonexistent/ca.pem";
	new_box();
	peer_accept();
	pump_ms(50);
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
	conf.tls_ca = good_pem;
	do {
		peer_close();
	} while (peer_handshake() != 1);
	peer_sees_identify();
}
END_TEST

START_TEST(peer_without_tls)
{
	new_box();
	peer_accept();
	peer_write(STR("\0\0\0\10" "\0\0\0\0" "\0\0\0\0"));
	pump_ms(50);
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
	peer_close();
	ck_assert_int_eq(peer_handshake(), 1);
	peer_sees_identify();
}
END_TEST

/* --- carrying --- */

enum { MANY = 40000 };

/* Both directions full at the same time. */
START_TEST(carries_floods)
{
	struct buf frames = { 0 };
	char text[32];

	box_comes_up_tls();
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		struct box_msg msg = an_sms(text);
		wire_pack(&frames, &msg);
		ck_assert(box_send(box, &msg));
	}
	box_flush(box);
	ck_assert_uint_gt(box_unsent(box), 0);
	peer_write(buf_get(&frames));
	PUMP(seen[BOX_EV_MSG] == MANY);
	for (int i = 0; i < MANY; i++) {
		struct box_msg msg = peer_next();
		snprintf(text, sizeof(text), "text %d", i);
		ck_assert(str_eqz(msg.sms.msgdata, text));
	}
	ck_assert_uint_eq(box_unsent(box), 0);
	buf_free(&frames);
}
END_TEST

static void reply_to_each_second(enum box_event event)
{
	struct box_msg ack = an_ack();

	if (event != BOX_EV_MSG || seen[BOX_EV_MSG] % 2)
		return;
	box_send(box, &ack);
	box_flush(box);
}

START_TEST(acknowledges_quickly)
{
	struct box_msg msg = an_sms("one");

	hook = reply_to_each_second;
	box_comes_up_tls();
	long began = now_ms();
	for (unsigned i = 1; i <= 200; i++) {
		peer_send(&msg);
		peer_send(&msg);
		PUMP(seen[BOX_EV_MSG] == 2 * i);
		peer_next();
	}
	ck_assert_int_lt(now_ms() - began, 4000);
}
END_TEST

START_TEST(peer_renews_its_keys)
{
	struct box_msg msg = an_sms("one");

	box_comes_up_tls();
	peer_send(&msg);
	ck_assert_int_eq(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
	peer_send(&msg);
	PUMP(seen[BOX_EV_MSG] == 2);
	ck_assert(box_send(box, &msg));
	box_flush(box);
	ck_assert_int_eq(peer_next().type, BOX_SMS);
}
END_TEST

START_TEST(sends_all_and_closes)
{
	struct box_msg ack = an_ack();

	box_comes_up_tls();
	for (int i = 0; i < MANY; i++)
		ck_assert(box_send(box, &ack));
	box_close(box, false);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(peer_next().type, BOX_ACK);
	PUMP(peer_saw_end());		/* a close_notify, not a cut */
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
}
END_TEST

START_TEST(comes_back)
{
	box_comes_up_tls();
	SSL_shutdown(peer.ssl);
	PUMP(seen[BOX_EV_DOWN] == 1);
	peer_close();
	ck_assert_int_eq(peer_handshake(), 1);
	peer_sees_identify();
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 2);
	ck_assert_int_eq(peer_handshake(), 1);
	peer_sees_identify();
}
END_TEST

/* What had been deciphered before counts. */
START_TEST(spoilt_record)
{
	struct box_msg msg = an_sms("one");

	box_comes_up_tls();
	peer_send(&msg);
	ck_assert_int_eq(send(peer.fd, "\27\3\3\0\40" "................................",
			      37, MSG_NOSIGNAL), 37);
	PUMP(seen[BOX_EV_DOWN] == 1);
	ck_assert_str_eq(buf_cstr(&texts), "one\n");
}
END_TEST

START_TEST(free_in_handshake)
{
	new_box();
	peer_accept();
	pump_ms(20);
	box_free(&box);
	PUMP(!uv_loop_alive(&loop));
}
END_TEST

int main(void)
{
	const TTest *const test[] = {
		trusted_with_name, trusted_with_address, trusted_of_any_name, not_verified,
		name_without_ca, other_name, other_name_without_ca, other_ca, tls_1_2_is_taken,
		tls_1_1_is_refused, ca_that_cannot_be_read, peer_without_tls, carries_floods,
		acknowledges_quickly, peer_renews_its_keys, sends_all_and_closes, comes_back,
		spoilt_record, free_in_handshake,
	};
	Suite *suite = suite_create("box_tls");
	TCase *tc = tcase_create("box_tls");
	SRunner *sr = srunner_create(suite);

	/* OpenSSL writes to its socket without MSG_NOSIGNAL; that is the peer here. */
	signal(SIGPIPE, SIG_IGN);
	make_certificates();
	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up_tls, tear_down_tls);
	for (size_t i = 0; i < sizeof(test) / sizeof(*test); i++)
		tcase_add_test(tc, test[i]);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	remove_certificates();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
