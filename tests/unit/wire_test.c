/* wire_test - the codec by itself: sizes and octets, round trips, borders, malformed frames.
 * (wire_kannel_test compares it with Kannel's own.) */
#include <signal.h>

#include "wire_random.h"

static struct buf out;
static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	buf_free(&out);
	arena_free(&arena);
}

static struct str pack(const struct box_msg *msg)
{
	out.len = 0;
	wire_pack(&out, msg);
	return buf_get(&out);
}

static void is_bytes(struct str got, const char *want, size_t len)
{
	ck_assert_uint_eq(got.len, len);
	ck_assert_mem_eq(got.ptr, want, len);
}
#define IS_BYTES(got, lit) is_bytes(got, lit, sizeof(lit) - 1)

static struct box_msg unpack(struct str frame)
{
	struct err err = { 0 };
	struct box_msg msg;
	struct str body;

	ck_assert_uint_eq((size_t)wire_frame(frame, &body, &err), frame.len);
	ck_assert_msg(wire_unpack(body, &msg, &err) == 0, "%s", err.text);
	return msg;
}

static void there_and_back(const struct box_msg *msg)
{
	struct box_msg got = unpack(pack(msg));

	same_msg(msg, &got);
}

static struct box_msg null_sms(void)
{
	struct box_msg msg = { .type = BOX_SMS };

	wire_sms_init(&msg.sms);
	msg.sms.sms_type = BOX_MO;
	msg.sms.id = STR(SOME_ID);
	return msg;
}

START_TEST(heartbeat_octets)
{
	struct box_msg msg = { .type = BOX_HEARTBEAT, .heartbeat.load = 258 };

	IS_BYTES(pack(&msg), "\0\0\0\10" "\0\0\0\0" "\0\0\1\2");
	there_and_back(&msg);
}
END_TEST

START_TEST(admin_octets)
{
	struct box_msg msg = { .type = BOX_ADMIN, .admin.command = BOX_CMD_IDENTIFY };

	IS_BYTES(pack(&msg), "\0\0\0\14" "\0\0\0\1" "\0\0\0\3" "\377\377\377\377");
	there_and_back(&msg);
	msg.admin.boxc_id = STR("");
	IS_BYTES(pack(&msg), "\0\0\0\14" "\0\0\0\1" "\0\0\0\3" "\0\0\0\0");
	there_and_back(&msg);
	msg.admin.boxc_id = STR("smsd");
	IS_BYTES(pack(&msg), "\0\0\0\20" "\0\0\0\1" "\0\0\0\3" "\0\0\0\4smsd");
	there_and_back(&msg);
}
END_TEST

START_TEST(ack_octets)
{
	struct box_msg msg = {
		.type = BOX_ACK,
		.ack = { .nack = BOX_ACK_BUFFERED, .time = -1, .id = STR(SOME_ID) },
	};

	IS_BYTES(pack(&msg), "\0\0\0\64" "\0\0\0\3" "\0\0\0\3" "\377\377\377\377"
		 "\0\0\0\44" SOME_ID);
	there_and_back(&msg);
}
END_TEST

START_TEST(null_sms_octets)
{
	struct box_msg msg = null_sms();
	struct str frame = pack(&msg);

	ck_assert_uint_eq(frame.len, 168);
	IS_BYTES(str_n(frame.ptr, 12), "\0\0\0\244" "\0\0\0\2" "\377\377\377\377");
	/* ten fields before the id; then sms_type = 0, and the rest undefined */
	IS_BYTES(str_n(frame.ptr + 48, 40), "\0\0\0\44" SOME_ID);
	IS_BYTES(str_n(frame.ptr + 88, 8), "\0\0\0\0" "\377\377\377\377");
	there_and_back(&msg);
}
END_TEST

/* The same with each string empty: as long, but not NULL. */
START_TEST(empty_is_not_null)
{
	struct box_msg msg = null_sms(), got;

#define BOX_S(name) msg.sms.name = STR("");
#define BOX_U(name)
#define BOX_I(name) msg.sms.name = 0;
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
	got = unpack(pack(&msg));
	ck_assert_uint_eq(out.len, 168);
	ck_assert_ptr_nonnull(got.sms.sender.ptr);
	ck_assert_ptr_nonnull(got.sms.meta_data.ptr);
	same_msg(&msg, &got);
}
END_TEST

START_TEST(strings_point_into_the_frame)
{
	struct box_msg msg = null_sms();

	msg.sms.msgdata = STR("KT CAILING");
	struct str frame = pack(&msg);
	struct box_msg got = unpack(frame);
	ck_assert(got.sms.msgdata.ptr > frame.ptr);
	ck_assert(got.sms.msgdata.ptr < frame.ptr + frame.len);
}
END_TEST

START_TEST(appends)
{
	struct box_msg first = { .type = BOX_HEARTBEAT }, second = null_sms();
	struct str rest, body;
	struct box_msg got;
	struct err err;

	pack(&first);
	wire_pack(&out, &second);
	wire_pack(&out, &first);
	rest = buf_get(&out);
	ck_assert_uint_eq(rest.len, 12 + 168 + 12);
	ck_assert_int_eq(wire_frame(rest, &body, &err), 12);
	str_skip(&rest, 12);
	ck_assert_int_eq(wire_frame(rest, &body, &err), 168);
	ck_assert_int_eq(wire_unpack(body, &got, &err), 0);
	same_msg(&second, &got);
	str_skip(&rest, 168);
	ck_assert_int_eq(wire_frame(rest, &body, &err), 12);
}
END_TEST

START_TEST(random_round_trips)
{
	unsigned seed = random_seed();

	for (int i = 0; i < 20000; i++) {
		struct box_msg msg;

		arena_reset(arena);
		random_msg(arena, &seed, &msg);
		there_and_back(&msg);
	}
}
END_TEST

/* --- frames --- */

START_TEST(partial_frames_wait)
{
	struct box_msg msg = null_sms();
	struct str frame = pack(&msg), body;
	struct err err;

	for (size_t n = 0; n < frame.len; n++)
		ck_assert_int_eq(wire_frame(str_n(frame.ptr, n), &body, &err), 0);
	ck_assert_int_eq(wire_frame(frame, &body, &err), 168);
	ck_assert_ptr_eq(body.ptr, frame.ptr + 4);
	ck_assert_uint_eq(body.len, 164);
}
END_TEST

START_TEST(impossible_frame_lengths)
{
	static const struct { char bytes[5]; int want; } row[] = {
		{ "\0\0\0\0", -1 }, { "\0\0\0\3", -1 }, { "\0\0\0\4", 0 },
		{ "\0\20\0\0", 0 },		/* WIRE_FRAME_MAX */
		{ "\0\20\0\1", -1 }, { "\26\3\1\2", -1 /* a TLS greeting */ },
		{ "HTTP", -1 }, { "\200\0\0\0", -1 }, { "\377\377\377\377", -1 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err err = { 0 };
		struct str body;

		ck_assert_int_eq(wire_frame(str_n(row[i].bytes, 4), &body, &err), row[i].want);
		ck_assert_int_eq(err.class, row[i].want ? ERR_PERM : ERR_NONE);
	}
}
END_TEST

START_TEST(longest_frame)
{
	struct box_msg msg = { .type = BOX_ADMIN };
	struct str body;
	struct err err;
	size_t len = WIRE_FRAME_MAX - 12;

	msg.admin.boxc_id = str_n(arena_alloc(arena, len + 1), len);
	there_and_back(&msg);
	ck_assert_uint_eq(out.len, WIRE_FRAME_MAX + 4);
	msg.admin.boxc_id.len++;
	ck_assert_int_eq(wire_frame(pack(&msg), &body, &err), -1);
}
END_TEST

/* --- malformed bodies --- */

static void refused(struct str body, const char *says)
{
	struct err err = { 0 };
	struct box_msg msg;

	ck_assert_int_eq(wire_unpack(body, &msg, &err), -1);
	ck_assert_int_eq(err.class, ERR_INPUT);
	ck_assert_msg(strstr(err.text, says), "\"%s\" in: %s", says, err.text);
}
#define REFUSED(lit, says) refused(STR(lit), says)

START_TEST(types)
{
	struct err err;
	struct box_msg msg;

	REFUSED("", "no type");
	REFUSED("\0\0\0", "no type");
	REFUSED("\0\0\0\5", "type 5");
	REFUSED("\377\377\377\377", "type -1");
	ck_assert_int_eq(wire_unpack(STR("\0\0\0\4 whatever"), &msg, &err), 0);
	ck_assert_int_eq(msg.type, BOX_WDP);
}
END_TEST

START_TEST(short_and_left_over)
{
	unsigned seed = random_seed();

	for (int i = 0; i < 50; i++) {
		struct box_msg msg;

		arena_reset(arena);
		random_msg(arena, &seed, &msg);
		struct str body = pack(&msg);
		str_skip(&body, 4);
		for (size_t n = 0; n < body.len; n++) {
			/* a copy, so that ASan sees a read behind its end */
			char *copy = mem_grow(mem_dup(str_n(body.ptr, n)), n);

			refused(str_n(copy, n), "");
			free(copy);
		}
		buf_char(&out, '\0');
		refused(str_n(out.ptr + 4, out.len - 4), "1 octets left over");
	}
}
END_TEST

START_TEST(string_lengths)
{
	static const char head[] = "\0\0\0\1" "\0\0\0\3";
	static const struct { char len[5]; const char *says; } row[] = {
		{ "\377\377\377\376", "boxc_id: a length of -2" },
		{ "\200\0\0\0", "-2147483648" }, { "\177\377\377\377", "2147483647" },
		{ "\0\0\0\5", "a length of 5" }, { "\0\0\0\3", "1 octets left over" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		char body[16];

		memcpy(body, head, 8);
		memcpy(body + 8, row[i].len, 4);
		memcpy(body + 12, "smsd", 4);
		refused(str_n(body, sizeof(body)), row[i].says);
	}
	REFUSED("\0\0\0\1" "\0\0\0\3" "\0\0\0", "boxc_id: the frame ends");
	REFUSED("\0\0\0\1" "\0\0\0", "command: the frame ends");
}
END_TEST

START_TEST(ids)
{
	struct str head = STR("\0\0\0\3" "\0\0\0\0" "\0\0\0\0");
	struct buf body = { 0 };

	for (int len = -1; len <= 40; len++) {
		char be[4] = { (char)(len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len };

		if (len == 36)
			continue;
		body.len = 0;
		buf_str(&body, head);
		buf_add(&body, be, 4);
		for (int i = 0; i < len; i++)
			buf_char(&body, 'a');
		refused(buf_get(&body), "ack.id: a length of");
	}
	buf_free(&body);
}
END_TEST

/* --- what must never go out --- */

static const struct box_sms good_mt = {
	.sms_type = BOX_MT_REPLY, .sender = STR("10086"), .receiver = STR("13800138000"),
	.msgdata = STR(""), .id = STR(SOME_ID),
};

START_TEST(empty_mt_is_fine)
{
	struct box_msg msg = { .type = BOX_SMS, .sms = good_mt };

	there_and_back(&msg);
}
END_TEST

START_TEST(mt_without_sender)
{
	struct box_msg msg = { .type = BOX_SMS, .sms = good_mt };

	msg.sms.sender = (struct str){ 0 };
	pack(&msg);
}
END_TEST

START_TEST(mt_without_msgdata)
{
	struct box_msg msg = { .type = BOX_SMS, .sms = good_mt };

	msg.sms.sms_type = BOX_MT_PUSH;
	msg.sms.msgdata = (struct str){ 0 };
	pack(&msg);
}
END_TEST

START_TEST(mt_of_forgotten_type)
{
	struct box_msg msg = null_sms();

	msg.sms.sms_type = BOX_UNDEFINED;
	pack(&msg);
}
END_TEST

START_TEST(sms_without_id)
{
	struct box_msg msg = { .type = BOX_SMS, .sms = good_mt };

	msg.sms.id = (struct str){ 0 };
	pack(&msg);
}
END_TEST

START_TEST(ack_of_short_id)
{
	struct box_msg msg = { .type = BOX_ACK, .ack.id = STR("0190163d") };

	pack(&msg);
}
END_TEST

START_TEST(wdp_is_not_packed)
{
	struct box_msg msg = { .type = BOX_WDP };

	pack(&msg);
}
END_TEST

static void add_dying(TCase *tc)
{
	tcase_add_test_raise_signal(tc, mt_without_sender, SIGABRT);
	tcase_add_test_raise_signal(tc, mt_without_msgdata, SIGABRT);
	tcase_add_test_raise_signal(tc, mt_of_forgotten_type, SIGABRT);
	tcase_add_test_raise_signal(tc, sms_without_id, SIGABRT);
	tcase_add_test_raise_signal(tc, ack_of_short_id, SIGABRT);
	tcase_add_test_raise_signal(tc, wdp_is_not_packed, SIGABRT);
}

int main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tc = tcase_create("wire");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, heartbeat_octets);
	tcase_add_test(tc, admin_octets);
	tcase_add_test(tc, ack_octets);
	tcase_add_test(tc, null_sms_octets);
	tcase_add_test(tc, empty_is_not_null);
	tcase_add_test(tc, strings_point_into_the_frame);
	tcase_add_test(tc, appends);
	tcase_add_test(tc, random_round_trips);
	tcase_add_test(tc, partial_frames_wait);
	tcase_add_test(tc, impossible_frame_lengths);
	tcase_add_test(tc, longest_frame);
	tcase_add_test(tc, types);
	tcase_add_test(tc, short_and_left_over);
	tcase_add_test(tc, string_lengths);
	tcase_add_test(tc, ids);
	tcase_add_test(tc, empty_mt_is_fine);
	add_dying(tc);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
