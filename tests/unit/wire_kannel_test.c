/* wire_kannel_test - that our codec and Kannel's (libgw) write the same octets and read the
 * same messages, each message type, and each field by itself. */
#include "wire_random.h"

#include "wire_kannel.h"

static struct buf ours, theirs;
static struct arena *arena;

static void set_up(void)
{
	wire_kannel_begin();
	arena = arena_new();
}

static void tear_down(void)
{
	buf_free(&ours);
	buf_free(&theirs);
	arena_free(&arena);
	wire_kannel_end();
}

static void compare(const struct box_msg *msg)
{
	struct box_msg got;
	struct str body;
	struct err err = { 0 };

	ours.len = theirs.len = 0;
	wire_pack(&ours, msg);
	wire_kannel_pack(msg, &theirs);
	ck_assert_uint_eq(ours.len, theirs.len);
	ck_assert_mem_eq(ours.ptr, theirs.ptr, ours.len);

	ck_assert_int_eq(wire_frame(buf_get(&theirs), &body, &err), (int)theirs.len);
	ck_assert_msg(wire_unpack(body, &got, &err) == 0, "%s", err.text);
	same_msg(msg, &got);
	ck_assert_int_eq(wire_kannel_unpack(buf_get(&ours), arena, &got), 0);
	same_msg(msg, &got);
}

START_TEST(heartbeat)
{
	static const int32_t load[] = { 0, 1, -1, 1000, INT32_MAX, INT32_MIN };

	for (size_t i = 0; i < sizeof(load) / sizeof(*load); i++)
		compare(&(struct box_msg){ .type = BOX_HEARTBEAT, .heartbeat.load = load[i] });
}
END_TEST

START_TEST(admin)
{
	struct box_msg msg = { .type = BOX_ADMIN };

	for (int command = -1; command <= BOX_CMD_FEATURE + 1; command++) {
		msg.admin.command = command;
		msg.admin.boxc_id = (struct str){ 0 };
		compare(&msg);
		msg.admin.boxc_id = STR("");
		compare(&msg);
		msg.admin.boxc_id = STR("smsd");
		compare(&msg);
	}
}
END_TEST

START_TEST(ack)
{
	struct box_msg msg = { .type = BOX_ACK, .ack = { .time = 1767225600, .id = STR(SOME_ID) } };

	for (int nack = -1; nack <= BOX_ACK_BUFFERED + 1; nack++) {
		msg.ack.nack = nack;
		compare(&msg);
	}
}
END_TEST

static struct box_msg null_sms(void)
{
	struct box_msg msg = { .type = BOX_SMS };

	wire_sms_init(&msg.sms);
	msg.sms.sms_type = BOX_MO;
	msg.sms.id = STR(SOME_ID);
	return msg;
}

START_TEST(null_sms_is_the_same)
{
	struct box_msg msg = null_sms();

	compare(&msg);
	ck_assert_uint_eq(ours.len, 168);
}
END_TEST

/* Were two fields exchanged on both of our sides, a round trip would not notice. */
START_TEST(each_field_by_itself)
{
	struct box_msg msg;

#define BOX_S(name) msg = null_sms(); msg.sms.name = STR(#name); compare(&msg); \
	msg.sms.name = STR(""); compare(&msg);
#define BOX_U(name) msg = null_sms(); msg.sms.name = random_id(arena, &seed); compare(&msg);
#define BOX_I(name) msg = null_sms(); msg.sms.name = 0x01020304; \
	msg.sms.sender = msg.sms.msgdata = STR(""); compare(&msg);
	unsigned seed = random_seed();
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
}
END_TEST

START_TEST(each_sms_type)
{
	struct box_msg msg = null_sms();

	msg.sms.sender = STR("10086");
	msg.sms.receiver = STR("13800138000");
	msg.sms.msgdata = STR("\x5f\x69\x94\xc3\0\0");
	msg.sms.coding = BOX_CODING_UCS2;
	for (int type = BOX_MO; type <= BOX_REPORT_MT; type++) {
		msg.sms.sms_type = type;
		compare(&msg);
	}
}
END_TEST

START_TEST(wdp)
{
	struct box_msg msg = { .type = BOX_WDP }, got;
	struct str body;
	struct err err = { 0 };

	theirs.len = 0;
	wire_kannel_pack(&msg, &theirs);
	ck_assert_int_eq(wire_frame(buf_get(&theirs), &body, &err), (int)theirs.len);
	ck_assert_int_eq(wire_unpack(body, &got, &err), 0);
	ck_assert_int_eq(got.type, BOX_WDP);
}
END_TEST

START_TEST(random_messages)
{
	unsigned seed = random_seed();

	for (int i = 0; i < 3000; i++) {
		struct box_msg msg;

		arena_reset(arena);
		random_msg(arena, &seed, &msg);
		compare(&msg);
	}
}
END_TEST

static struct str id_of(const struct box_msg *msg)
{
	return msg->type == BOX_SMS ? msg->sms.id :
		msg->type == BOX_ACK ? msg->ack.id : (struct str){ 0 };
}

/* We refuse more (Kannel forgives a last string that is cut short); but what we take of a
 * spoilt frame, Kannel takes for the same message. */
START_TEST(spoilt_frames)
{
	unsigned seed = random_seed(), taken = 0, refused = 0;

	for (int i = 0; i < 20000; i++) {
		struct box_msg msg, got, kannels;
		struct str body;
		struct err err;

		arena_reset(arena);
		random_msg(arena, &seed, &msg);
		ours.len = 0;
		wire_pack(&ours, &msg);
		for (int n = 1 + rand_r(&seed) % 3; n; n--)
			ours.ptr[4 + (size_t)rand_r(&seed) % (ours.len - 4)] ^=
				(char)(1 << rand_r(&seed) % 8);
		ck_assert_int_eq(wire_frame(buf_get(&ours), &body, &err), (int)ours.len);
		if (wire_unpack(body, &got, &err) < 0) {
			refused++;
			continue;
		}
		/* what is in an id is not the codec's affair */
		if (got.type == BOX_WDP || !str_eq(id_of(&msg), id_of(&got)))
			continue;
		ck_assert_int_eq(wire_kannel_unpack(buf_get(&ours), arena, &kannels), 0);
		same_msg(&got, &kannels);
		taken++;
	}
	ck_assert_uint_gt(taken, 1000);
	ck_assert_uint_gt(refused, 1000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire_kannel");
	TCase *tc = tcase_create("wire_kannel");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, heartbeat);
	tcase_add_test(tc, admin);
	tcase_add_test(tc, ack);
	tcase_add_test(tc, null_sms_is_the_same);
	tcase_add_test(tc, each_field_by_itself);
	tcase_add_test(tc, each_sms_type);
	tcase_add_test(tc, wdp);
	tcase_add_test(tc, random_messages);
	tcase_add_test(tc, spoilt_frames);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
