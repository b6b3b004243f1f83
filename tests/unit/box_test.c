/* box_test - the link to a bearerbox against a scripted one: connecting, coming back,
 * carrying, closing, and an owner who closes or frees in the middle of it. */
#include "box_peer.h"

/* --- coming up --- */

START_TEST(connects_and_identifies)
{
	new_box();
	ck_assert(!box_is_up(box));
	ck_assert(!box_send(box, &(struct box_msg){ .type = BOX_HEARTBEAT }));
	ck_assert_uint_eq(box_unsent(box), 0);
	peer_accept();
	peer_sees_identify();
	ck_assert(box_is_up(box));
	ck_assert_uint_eq(seen[BOX_EV_UP], 1);
	pump_ms(50);
	ck_assert_uint_eq(seen[BOX_EV_UP], 1);
	ck_assert_uint_eq(seen[BOX_EV_DOWN], 0);
}
END_TEST

/* It may mean ::1 first, where nobody listens. */
START_TEST(name_with_several_addresses)
{
	conf.host = "localhost";
	box_comes_up();
}
END_TEST

START_TEST(unknown_name)
{
	conf.host = "a-label-of-more-than-63-octets-which-is-refused-before-anybody-is-asked";
	new_box();
	pump_ms(100);
	ck_assert(!box_is_up(box));
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
}
END_TEST

START_TEST(comes_when_the_peer_does)
{
	peer_deaf();
	new_box();
	pump_ms(100);
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
	peer_listen();
	peer_accept();
	peer_sees_identify();
}
END_TEST

static unsigned count_lines(FILE *file, const char *with)
{
	char line[2048];
	unsigned n = 0;

	rewind(file);
	while (fgets(line, sizeof(line), file))
		n += strstr(line, with) != NULL;
	return n;
}

/* The first failure is told, then each tenth: 1, 11, 21. */
START_TEST(failures_are_told_sparingly)
{
	FILE *log = tmpfile();
	int stderr_fd = dup(2);

	ck_assert_ptr_nonnull(log);
	dup2(fileno(log), 2);
	log_level_set(LOG_L_DEBUG);
	conf.backoff_min_ms = conf.backoff_max_ms = 2;
	peer_deaf();
	new_box();
	PUMP(count_lines(log, "event=box_connect_failed") >= 25);
	ck_assert_uint_eq(count_lines(log, "level=warn event=box_connect_failed"), 3);
	ck_assert_uint_gt(count_lines(log, "connection refused: does bearerbox run"), 0);
	dup2(stderr_fd, 2);
	close(stderr_fd);
	fclose(log);
	log_level_set(LOG_L_INFO);
}
END_TEST

/* --- carrying --- */

START_TEST(sends_at_flush)
{
	struct box_msg msg = an_sms("one"), ack = an_ack(), got;

	box_comes_up();
	ck_assert(box_send(box, &msg));
	ck_assert(box_send(box, &ack));
	ck_assert_uint_eq(box_unsent(box), 168 + 11 + 5 + 3 + 56);
	pump_ms(30);
	peer_read();
	ck_assert_uint_eq(peer.in.len, peer.taken);
	box_flush(box);
	ck_assert_uint_eq(box_unsent(box), 0);
	got = peer_next();
	ck_assert_int_eq(got.type, BOX_SMS);
	ck_assert(str_eqz(got.sms.msgdata, "one"));
	got = peer_next();
	ck_assert_int_eq(got.type, BOX_ACK);
	ck_assert(str_eqz(got.ack.id, SOME_ID));
}
END_TEST

START_TEST(receives_many_at_once)
{
	struct buf frames = { 0 };
	struct box_msg one = an_sms("one"), two = an_sms("two"), ack = an_ack();

	box_comes_up();
	wire_pack(&frames, &one);
	wire_pack(&frames, &ack);
	wire_pack(&frames, &two);
	peer_write(buf_get(&frames));
	PUMP(seen[BOX_EV_MSG] == 3);
	ck_assert_str_eq(buf_cstr(&texts), "one\n" SOME_ID "\ntwo\n");
	buf_free(&frames);
}
END_TEST

START_TEST(receives_octet_by_octet)
{
	struct buf frames = { 0 };
	struct box_msg one = an_sms("one"), two = an_sms("two");
	int on = 1;

	box_comes_up();
	setsockopt(peer.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	wire_pack(&frames, &one);
	size_t first = frames.len;
	wire_pack(&frames, &two);
	for (size_t i = 0; i < frames.len; i++) {
		peer_write(str_n(frames.ptr + i, 1));
		turn();
		if (i + 1 < first)
			ck_assert_uint_eq(seen[BOX_EV_MSG], 0);
	}
	PUMP(seen[BOX_EV_MSG] == 2);
	ck_assert_str_eq(buf_cstr(&texts), "one\ntwo\n");
	buf_free(&frames);
}
END_TEST

/* More than a wakeup takes, and frames that straddle each recv(). */
START_TEST(receives_a_flood)
{
	struct buf want = { 0 }, frames = { 0 };
	char text[64];

	box_comes_up();
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "text %d %.*s", i, i % 40,
			 "----------------------------------------");
		struct box_msg msg = an_sms(text);
		wire_pack(&frames, &msg);
		buf_printf(&want, "%s\n", text);
	}
	peer_write(buf_get(&frames));
	PUMP(seen[BOX_EV_MSG] == 20000);
	ck_assert_str_eq(buf_cstr(&texts), buf_cstr(&want));
	buf_free(&frames);
	buf_free(&want);
}
END_TEST

/* --- resting --- */

START_TEST(resting_gathers_what_comes)
{
	struct box_msg one = an_sms("one"), two = an_sms("two"), three = an_sms("three"), ack = an_ack(), got;

	box_comes_up();
	box_rest(box);
	box_rest(box);
	peer_send(&one);
	peer_send(&two);
	pump_ms(50);
	ck_assert_uint_eq(seen[BOX_EV_MSG], 0);
	box_send(box, &ack);		/* what we send goes out all the same */
	box_flush(box);
	got = peer_next();
	ck_assert_int_eq(got.type, BOX_ACK);
	box_read(box, false);
	ck_assert_str_eq(buf_cstr(&texts), "one\ntwo\n");
	peer_send(&three);
	pump_ms(50);
	ck_assert_uint_eq(seen[BOX_EV_MSG], 2);
	box_read(box, true);
	PUMP(seen[BOX_EV_MSG] == 3);
	peer_send(&one);
	PUMP(seen[BOX_EV_MSG] == 4);
	box_read(box, true);		/* not resting: nothing to do */
	ck_assert_uint_eq(seen[BOX_EV_MSG], 4);
}
END_TEST

START_TEST(lost_while_resting)
{
	struct box_msg one = an_sms("one");

	box_comes_up();
	box_rest(box);
	peer_send(&one);
	peer_close();
	pump_ms(50);
	ck_assert_uint_eq(seen[BOX_EV_DOWN], 0);
	box_read(box, false);
	box_read(box, false);
	ck_assert_str_eq(buf_cstr(&texts), "one\n");
	ck_assert_uint_eq(seen[BOX_EV_DOWN], 1);
	box_rest(box);			/* the next link is none of this one's business */
	peer_accept();
	peer_sees_identify();
	peer_send(&one);
	PUMP(seen[BOX_EV_MSG] == 2);
}
END_TEST

START_TEST(closed_while_resting)
{
	box_comes_up();
	box_rest(box);
	box_close(box, false);
	PUMP(peer_saw_end());
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
}
END_TEST

START_TEST(longest_frame_passes)
{
	char *text = mem_alloc(WIRE_FRAME_MAX - 100 * 4);

	memset(text, 'x', WIRE_FRAME_MAX - 100 * 4 - 1);
	struct box_msg msg = an_sms(text);
	box_comes_up();
	peer_send(&msg);
	PUMP(seen[BOX_EV_MSG] == 1);
	ck_assert_uint_eq(texts.len, strlen(text) + 1);
	free(text);
}
END_TEST

static void send_many(int count)
{
	char text[32];

	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "reply %d", i);
		struct box_msg msg = an_sms(text);
		ck_assert(box_send(box, &msg));
	}
	box_flush(box);
}

static void peer_sees_many(int count)
{
	char text[32];

	for (int i = 0; i < count; i++) {
		struct box_msg msg = peer_next();

		snprintf(text, sizeof(text), "reply %d", i);
		ck_assert(str_eqz(msg.sms.msgdata, text));
	}
}

enum { MANY = 40000 };	/* 7 MB: more than two sockets' buffers take */

/* A bearerbox that is busy: we keep reading, and our messages wait in order. */
START_TEST(peer_that_does_not_read)
{
	struct box_msg msg = an_sms("meanwhile");

	box_comes_up();
	send_many(MANY);
	pump_ms(50);
	size_t unsent = box_unsent(box);
	ck_assert_uint_gt(unsent, 0);
	peer_send(&msg);
	PUMP(seen[BOX_EV_MSG] == 1);
	ck_assert_uint_eq(box_unsent(box), unsent);
	peer_sees_many(MANY);
	ck_assert_uint_eq(box_unsent(box), 0);
	ck_assert_uint_eq(seen[BOX_EV_DOWN], 0);
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

/* Kannel's Nagle holds a second small write until the first is acknowledged.  Where both
 * sides talk the kernel delays that by 40 ms, which here would make 8 s. */
START_TEST(acknowledges_quickly)
{
	struct box_msg msg = an_sms("one");
	long began;

	hook = reply_to_each_second;
	box_comes_up();
	began = now_ms();
	for (unsigned i = 1; i <= 200; i++) {
		peer_send(&msg);
		peer_send(&msg);
		PUMP(seen[BOX_EV_MSG] == 2 * i);
		peer_next();
	}
	ck_assert_int_lt(now_ms() - began, 4000);
}
END_TEST

START_TEST(heartbeats_tell_the_load)
{
	conf.heartbeat_s = 1;
	box_comes_up();
	box_set_load(box, 17);
	struct box_msg msg = peer_next();
	ck_assert_int_eq(msg.type, BOX_HEARTBEAT);
	ck_assert_int_eq(msg.heartbeat.load, 17);
	box_set_load(box, 0);
	msg = peer_next();
	ck_assert_int_eq(msg.type, BOX_HEARTBEAT);
	ck_assert_int_eq(msg.heartbeat.load, 0);
}
END_TEST

START_TEST(admin_commands_become_events)
{
	box_comes_up();
	peer_admin(BOX_CMD_SUSPEND);
	PUMP(seen[BOX_EV_SUSPEND] == 1);
	peer_admin(BOX_CMD_RESUME);
	PUMP(seen[BOX_EV_RESUME] == 1);
	peer_admin(BOX_CMD_FEATURE);
	peer_admin(BOX_CMD_IDENTIFY);
	peer_admin(99);
	peer_send(&(struct box_msg){ .type = BOX_HEARTBEAT });
	peer_write(STR("\0\0\0\10" "\0\0\0\4" "wdp?"));
	peer_admin(BOX_CMD_SHUTDOWN);
	PUMP(seen[BOX_EV_SHUTDOWN] == 1);
	peer_admin(BOX_CMD_RESTART);
	PUMP(seen[BOX_EV_SHUTDOWN] == 2);
	ck_assert_uint_eq(seen[BOX_EV_SUSPEND] + seen[BOX_EV_RESUME], 2);
	ck_assert_uint_eq(seen[BOX_EV_MSG] + seen[BOX_EV_DOWN], 0);
	ck_assert(box_is_up(box));
}
END_TEST

/* --- going down, coming back --- */

static void back_again(unsigned times)
{
	PUMP(seen[BOX_EV_DOWN] == times);
	ck_assert(!box_is_up(box));
	peer_close();
	peer_accept();
	peer_sees_identify();
	PUMP(seen[BOX_EV_UP] == times + 1);
}

START_TEST(comes_back_after_the_peer_closed)
{
	box_comes_up();
	peer_close();
	back_again(1);
	peer_reset();
	back_again(2);
}
END_TEST

/* What came before the garbage counts, nothing behind it does. */
static void garbage(struct str bytes)
{
	struct buf frames = { 0 };
	struct box_msg one = an_sms("one"), two = an_sms("two");

	box_comes_up();
	wire_pack(&frames, &one);
	buf_str(&frames, bytes);
	wire_pack(&frames, &two);
	peer_write(buf_get(&frames));
	back_again(1);
	ck_assert_str_eq(buf_cstr(&texts), "one\n");
	buf_free(&frames);
}

START_TEST(garbage_for_a_length)
{
	garbage(STR("HTTP/1.0 400 Bad Request\r\n"));
}
END_TEST

START_TEST(garbage_for_a_type)
{
	garbage(STR("\0\0\0\10" "\0\0\0\7" "\0\0\0\0"));
}
END_TEST

START_TEST(garbage_for_a_string)
{
	garbage(STR("\0\0\0\14" "\0\0\0\1" "\0\0\0\3" "\377\377\377\376"));
}
END_TEST

/* 20, 40, 80, 160, 160 ms and up to a quarter more, for a peer that closes at once. */
START_TEST(backs_off)
{
	static const long want[] = { 20, 40, 80, 160, 160 };
	long then;

	new_box();
	peer_accept();
	for (unsigned i = 0; i < 5; i++) {
		PUMP(seen[BOX_EV_UP] == i + 1);
		then = now_ms();
		peer_close();
		peer_accept();
		long waited = now_ms() - then;
		ck_assert_int_ge(waited, want[i] - 1);
		ck_assert_int_lt(waited, want[i] * 5 / 4 + 60);
	}
}
END_TEST

/* A link that had lasted begins anew with the shortest wait. */
START_TEST(forgives_after_a_good_link)
{
	conf.backoff_min_ms = 10;
	conf.backoff_max_ms = 2000;
	new_box();
	for (unsigned i = 0; i < 6; i++) {	/* till the next wait would be 640 ms */
		peer_accept();
		PUMP(seen[BOX_EV_UP] == i + 1);
		peer_close();
	}
	peer_accept();
	pump_ms(5100);
	long then = now_ms();
	peer_close();
	peer_accept();
	ck_assert_int_lt(now_ms() - then, 200);
}
END_TEST

START_TEST(writing_to_a_peer_that_is_gone)
{
	struct box_msg msg = an_sms("lost");

	box_comes_up();
	peer_reset();
	usleep(10000);
	for (int i = 0; i < 3; i++) {
		box_send(box, &msg);
		box_flush(box);		/* tells nobody: no event from inside */
		ck_assert_uint_eq(seen[BOX_EV_DOWN], 0);
	}
	ck_assert_uint_eq(box_unsent(box), 0);
	back_again(1);
}
END_TEST

/* --- closing --- */

START_TEST(close_sends_all_and_ends)
{
	box_comes_up();
	send_many(MANY);
	box_close(box, false);
	ck_assert(!box_is_up(box));
	ck_assert(!box_send(box, &(struct box_msg){ .type = BOX_HEARTBEAT }));
	peer_sees_many(MANY);
	PUMP(peer_saw_end());
	ck_assert_uint_eq(peer.in.len, peer.taken);
	ck_assert_uint_eq(seen[BOX_EV_DOWN], 0);
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
	pump_ms(100);
	ck_assert(!peer_try_accept());
	box_close(box, true);		/* final is final */
	pump_ms(100);
	ck_assert(!peer_try_accept());
}
END_TEST

START_TEST(close_without_flush_sends_too)
{
	struct box_msg ack = an_ack();

	box_comes_up();
	box_send(box, &ack);
	box_close(box, true);
	ack = peer_next();
	ck_assert_int_eq(ack.type, BOX_ACK);
	PUMP(peer_saw_end());
	peer_close();
	back_again(1);
}
END_TEST

/* A close with octets unread would reset the connection, which can overtake the ack. */
START_TEST(close_loses_no_ack)
{
	struct box_msg msg = an_sms("unread"), ack = an_ack();
	int error = -1;
	socklen_t size = sizeof(error);

	box_comes_up();
	for (int i = 0; i < 5000; i++)
		peer_send(&msg);
	unsigned before = seen[BOX_EV_MSG];
	box_send(box, &ack);
	box_close(box, false);
	pump_ms(50);
	ack = peer_next();
	ck_assert_int_eq(ack.type, BOX_ACK);
	PUMP(peer_saw_end());
	ck_assert_int_eq(getsockopt(peer.fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
	ck_assert_int_eq(error, 0);
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
	ck_assert_uint_eq(seen[BOX_EV_MSG], before);
}
END_TEST

START_TEST(peer_that_never_closes)
{
	box_comes_up();
	long then = now_ms();
	box_close(box, false);
	PUMP(seen[BOX_EV_DOWN] == 1);
	ck_assert_int_ge(now_ms() - then, 4900);
}
END_TEST

START_TEST(close_while_waiting)
{
	peer_deaf();
	new_box();
	pump_ms(30);
	box_close(box, false);
	peer_listen();
	pump_ms(300);
	ck_assert(!peer_try_accept());
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
}
END_TEST

START_TEST(close_and_free_while_resolving)
{
	new_box();
	box_close(box, false);
	pump_ms(50);
	ck_assert(!peer_try_accept());
	box_free(&box);
	new_box();
	box_free(&box);
	PUMP(!uv_loop_alive(&loop));
	ck_assert_uint_eq(seen[BOX_EV_UP] + seen[BOX_EV_DOWN], 0);
}
END_TEST

/* --- an owner who acts in its callback --- */

static void act_on_shutdown(enum box_event event)
{
	struct box_msg ack = an_ack();

	if (event != BOX_EV_SHUTDOWN)
		return;
	box_send(box, &ack);
	box_close(box, true);
}

/* And does not come back at once, into the queue of a bearerbox that is about to end. */
START_TEST(shutdown_as_bearerbox_means_it)
{
	hook = act_on_shutdown;
	box_comes_up();
	peer_admin(BOX_CMD_SHUTDOWN);
	struct box_msg ack = peer_next();
	ck_assert_int_eq(ack.type, BOX_ACK);
	PUMP(peer_saw_end());
	peer_close();
	long then = now_ms();
	back_again(1);
	ck_assert_int_ge(now_ms() - then, 1990);
}
END_TEST

static enum box_event acts_on;

static void act_close(enum box_event event)
{
	if (event == acts_on)
		box_close(box, false);
}

static void act_free(enum box_event event)
{
	if (event == acts_on)
		box_free(&box);
}

static void three_messages(void)
{
	struct buf frames = { 0 };
	struct box_msg msg = an_sms("one");

	for (int i = 0; i < 3; i++)
		wire_pack(&frames, &msg);
	peer_write(buf_get(&frames));
	buf_free(&frames);
}

START_TEST(close_in_a_message)
{
	hook = act_close;
	acts_on = BOX_EV_MSG;
	box_comes_up();
	three_messages();
	PUMP(peer_saw_end());
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
	ck_assert_uint_eq(seen[BOX_EV_MSG], 1);
}
END_TEST

START_TEST(free_in_a_message)
{
	hook = act_free;
	acts_on = BOX_EV_MSG;
	box_comes_up();
	three_messages();
	PUMP(!box);
	pump_ms(20);
	ck_assert_uint_eq(seen[BOX_EV_MSG], 1);
	ck_assert_uint_eq(seen[BOX_EV_DOWN], 0);
}
END_TEST

START_TEST(close_in_up)
{
	hook = act_close;
	acts_on = BOX_EV_UP;
	new_box();
	peer_accept();
	peer_sees_identify();
	PUMP(peer_saw_end());
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
}
END_TEST

START_TEST(free_in_up)
{
	hook = act_free;
	acts_on = BOX_EV_UP;
	new_box();
	peer_accept();
	PUMP(!box);
}
END_TEST

START_TEST(close_in_down)
{
	hook = act_close;
	acts_on = BOX_EV_DOWN;
	box_comes_up();
	peer_close();
	PUMP(seen[BOX_EV_DOWN] == 1);
	pump_ms(100);
	ck_assert(!peer_try_accept());
}
END_TEST

START_TEST(free_in_down)
{
	hook = act_free;
	acts_on = BOX_EV_DOWN;
	box_comes_up();
	peer_write(STR("HTTP"));
	PUMP(!box);
}
END_TEST

int main(void)
{
	const TTest *const test[] = {
		connects_and_identifies, name_with_several_addresses, unknown_name,
		comes_when_the_peer_does, failures_are_told_sparingly, sends_at_flush,
		receives_many_at_once, receives_octet_by_octet, receives_a_flood,
		longest_frame_passes, peer_that_does_not_read, acknowledges_quickly,
		heartbeats_tell_the_load, admin_commands_become_events,
		resting_gathers_what_comes, lost_while_resting, closed_while_resting, comes_back_after_the_peer_closed, garbage_for_a_length, garbage_for_a_type,
		garbage_for_a_string, backs_off, forgives_after_a_good_link,
		writing_to_a_peer_that_is_gone, close_sends_all_and_ends,
		close_without_flush_sends_too, close_loses_no_ack, peer_that_never_closes,
		close_while_waiting, close_and_free_while_resolving,
		shutdown_as_bearerbox_means_it, close_in_a_message, free_in_a_message,
		close_in_up, free_in_up, close_in_down, free_in_down,
	};
	Suite *suite = suite_create("box");
	TCase *tc = tcase_create("box");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	for (size_t i = 0; i < sizeof(test) / sizeof(*test); i++)
		tcase_add_test(tc, test[i]);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
