/* Tests of flow/talk: what a text means while questions are open, and what is done next; every transition, without a
 * database. */
#include <check.h>

#include "talk_world.h"

static struct world w;

static void set_up(void)
{
	world_begin(&w);
}

static void tear_down(void)
{
	world_end(&w);
}

/* A text; what is answered ("outcome: text"); what ran ("" nothing); what became of confirmations. */
struct line {
	const char *text, *told, *ran, *evidence;
};

static const char *told(void)
{
	static char line[600];

	snprintf(line, sizeof(line), "%.*s: %.*s", STR_ARG(w.talk.reply.outcome), STR_ARG(w.talk.reply.text));
	return line;
}

static void hear(const char *text, const char *expected)
{
	world_hear(&w, text);
	ck_assert_msg(!strcmp(told(), expected), "'%s' is told '%s' and not '%s'", text, told(), expected);
}

static void play(const struct line *line)
{
	for (; line->text; line++) {
		hear(line->text, line->told);
		ck_assert_msg(!strcmp(w.ran, line->ran ? line->ran : ""), "'%s' runs '%s'", line->text, w.ran);
		ck_assert_msg(!strcmp(w.evidence, line->evidence ? line->evidence : ""), "'%s' is evidence of '%s'", line->text,
			      w.evidence);
	}
}

static void later(unsigned seconds)
{
	w.now_us += (int64_t)seconds * 1000000;
}

static const char *redacted(void)
{
	return arena_z(w.arena, w.talk.match.redacted);
}

#define ASKED "confirm: 买CAILING7，2小时内回Y"

START_TEST(confirms)
{
	play((const struct line[]){
		{ "DD 彩铃", ASKED },
		{ "YE", "ok: 好ok", "w.balance" },
		{ "dd cailing", ASKED },		/* is one question still */
		{ "好的", "retry: 买CAILING7，2小时内回Y" },	/* may be a mere "I see" */
		{ "请确认一下", "retry: 买CAILING7，2小时内回Y" },	/* may want us to */
		{ "确认一下", "retry: 买CAILING7，2小时内回Y" },
		{ "Y？", "unknown: 不懂" },
		{ "火星", "unknown: 不懂" },		/* an order that waits does not ask again */
		{ "ｙ。", "ok: 好ok", "w.order CAILING 7", "accepted:ok" },
		{ "Y", "nothing_open: 没有" },
		{ "DD LDXS", "confirm: 买LDXS7，2小时内回Y" },
		{ "不要了", "declined: 不办", NULL, "declined" },
		{ "N", "unknown: 不懂" },
		{ "DD LDXS", "confirm: 买LDXS7，2小时内回Y" },
		{ "好的确认吧", "ok: 好ok", "w.order LDXS 7", "accepted:ok" },
		{ NULL },
	});
	ck_assert_uint_eq(w.n, 0);
}
END_TEST

START_TEST(own_words)
{
	play((const struct line[]){
		{ "YG", "confirm: 严格" },
		{ "Y", "retry: 严格" },		/* no yes to this one, but something is open */
		{ "N", "unknown: 不懂" },
		{ "成交", "ok: 好ok", "w.strict", "accepted:ok" },
		{ "YG", "confirm: 严格" },
		{ "流拍", "declined: 不办", NULL, "declined" },
		{ NULL },
	});
}
END_TEST

START_TEST(too_late)
{
	hear("DD 彩铃", ASKED);
	later(7200);
	play((const struct line[]){
		{ "好的", "chat: 好ok", "w.thanks" },
		{ "Y", "late: 晚了", NULL, "late" },
		{ "Y", "nothing_open: 没有" },
		{ NULL },
	});
	/* Whatever he sent before: a late yes hears that it is late, once a question. */
	hear("DD 彩铃", ASKED);
	later(7200);
	for (unsigned i = 0; i < 5; i++)
		world_hear(&w, "火星");
	ck_assert(w.talk.silent);
	hear("Y", "late: 晚了");
	hear("Y", "nothing_open: 没有");
}
END_TEST

START_TEST(edge_of_time)
{
	hear("DD 彩铃", ASKED);
	w.now_us = w.dialogue[0].until_us - 1;
	hear("Y", "ok: 好ok");
	hear("DD 彩铃", ASKED);
	w.now_us = w.dialogue[0].until_us;
	hear("Y", "late: 晚了");
	/* A yes that was sent before the question is none to it. */
	hear("DD 彩铃", ASKED);
	w.dialogue[0].at_us += 5000000;
	hear("Y", "nothing_open: 没有");
}
END_TEST

START_TEST(price_changes)
{
	hear("DD 彩铃", ASKED);
	w.outcome = "changed";
	w.price = "8";
	play((const struct line[]){
		{ "Y", "confirm: 变了买CAILING8，2小时内回Y", "w.order CAILING 7", "changed" },
		{ NULL },
	});
	w.outcome = "ok";
	play((const struct line[]){ { "是的", "ok: 好ok", "w.order CAILING 8", "accepted:ok" }, { NULL } });
	/* And may not be for sale any more by then. */
	hear("DD 彩铃", "confirm: 买CAILING8，2小时内回Y");
	w.outcome = "changed";
	w.quote = "bad";
	play((const struct line[]){ { "Y", "bad: 坏", "w.order CAILING 8", "changed:bad" }, { NULL } });
	ck_assert_uint_eq(w.n, 0);
	w.outcome = w.quote = "ok";
	/* Asked anew at another price: the older question goes. */
	hear("DD 彩铃", "confirm: 买CAILING8，2小时内回Y");
	w.price = "9";
	play((const struct line[]){
		{ "DD 彩铃", "confirm: 买CAILING9，2小时内回Y", NULL, "replaced" },
		{ "Y", "ok: 好ok", "w.order CAILING 9", "accepted:ok" },
		{ NULL },
	});
}
END_TEST

START_TEST(cannot_be_had)
{
	w.quote = "bad";
	play((const struct line[]){ { "DD 彩铃", "bad: 坏" }, { "Y", "nothing_open: 没有" }, { NULL } });
	w.quote = "ok";
	hear("DD 彩铃", ASKED);
	w.outcome = "bad";
	play((const struct line[]){ { "Y", "bad: 坏", "w.order CAILING 7", "accepted:bad" }, { "Y", "nothing_open: 没有" }, { NULL } });
}
END_TEST

START_TEST(several_orders)
{
	play((const struct line[]){
		{ "DD LDXS", "confirm: 买LDXS7，2小时内回Y" },
		{ "DD SJB", "confirm: 买SJB7，2小时内回Y" },
		{ "Y", "which_order: 哪个1.买SJB7，2小时内回Y 2.买LDXS7，2小时内回Y " },
		{ "2", "ok: 好ok", "w.order LDXS 7", "accepted:ok" },
		{ "确认", "ok: 好ok", "w.order SJB 7", "accepted:ok" },
		{ "DD LDXS", "confirm: 买LDXS7，2小时内回Y" },
		{ "DD SJB", "confirm: 买SJB7，2小时内回Y" },
		{ "不要", "which_order: 不要哪个1.买SJB7，2小时内回Y 2.买LDXS7，2小时内回Y " },
		{ "第一个", "declined: 不办", NULL, "declined" },
		{ "Y", "ok: 好ok", "w.order LDXS 7", "accepted:ok" },
		{ NULL },
	});
	hear("DD LDXS", "confirm: 买LDXS7，2小时内回Y");
	hear("DD SJB", "confirm: 买SJB7，2小时内回Y");
	world_hear(&w, "Y");
	play((const struct line[]){ { "算了", "which_order: 不要哪个1.买SJB7，2小时内回Y 2.买LDXS7，2小时内回Y " }, { NULL } });
	/* The one that is named may have run out. */
	w.dialogue[w.n - 1].until_us = w.now_us;
	hear("2", "late: 晚了");
	hear("3", "unknown: 不懂");
}
END_TEST

START_TEST(other_ports)
{
	w.port = "1008601";
	hear("DD 彩铃", ASKED);
	w.port = "10086";
	hear("DD LDXS", "confirm: 买LDXS7，2小时内回Y");
	play((const struct line[]){ { "Y", "ok: 好ok", "w.order LDXS 7", "accepted:ok" }, { NULL } });
	w.port = "1008602";
	hear("Y", "nothing_open: 没有");
	w.port = "1008601";
	play((const struct line[]){ { "Y", "ok: 好ok", "w.order CAILING 7", "accepted:ok" }, { NULL } });
}
END_TEST

START_TEST(not_too_many_questions)
{
	static const char *const orders[] = { "DD A1", "DD A2", "DD A3", "DD A4", "DD A5", "DD A6", "DD A7", "DD A8" };
	unsigned confirms = 0;

	for (unsigned i = 0; i < 8; i++)
		world_hear(&w, orders[i]);
	for (unsigned i = 0; i < w.n; i++)
		confirms += w.dialogue[i].kind == DIALOGUE_CONFIRM;
	ck_assert_uint_eq(confirms, 5);
	for (unsigned i = 0; i < 12; i++)
		world_hear(&w, i % 2 ? "PF" : "TS");
	ck_assert_uint_eq(w.n, 7);	/* one of each sort */
}
END_TEST

START_TEST(steps)
{
	play((const struct line[]){
		{ "ZU", "step: 一" },
		{ "9", "retry: 一再" },
		{ "２。", "step: 二" },
		{ "YE", "ok: 好ok", "w.balance" },
		{ "3", "ok: 好ok", "w.compose 2 3" },
		{ "ZU 1 1", "ok: 好ok", "w.compose 1 1" },
		{ "ZU", "step: 一" },
		{ "退出", "left: 走了" },
		{ "ZU", "step: 一" },
		{ "嗯1", "retry: 一再" },
		{ "嗯2", "retry: 一再" },
		{ "嗯3", "gave_up: 算了吧" },
		{ "1", "unknown: 不懂" },
		{ NULL },
	});
	/* Digits that fit are the answer, even where they are a command; longer ones are the command. */
	hear("ZU", "step: 一");
	hear("101", "ok: 好ok");
	ck_assert_str_eq(w.ran, "w.balance");
}
END_TEST

START_TEST(yes_wins)
{
	play((const struct line[]){
		{ "DD 彩铃", ASKED },
		{ "ZU", "step: 一" },
		{ "Y", "ok: 好ok", "w.order CAILING 7", "accepted:ok" },
		{ "1", "step: 二" },
		{ NULL },
	});
}
END_TEST

START_TEST(menus)
{
	play((const struct line[]){
		{ "MM", "menu: 总1查余2更多3组合4买铃" },
		{ "1", "ok: 好ok", "w.balance" },
		{ "MM", "menu: 总1查余2更多3组合4买铃" },
		{ "2", "menu: 内1余0" },
		{ "0", "menu: 总1查余2更多3组合4买铃" },
		{ "7", "retry: 再来。总1查余2更多3组合4买铃" },
		{ "8", "retry: 再来。总1查余2更多3组合4买铃" },	/* and not twice "again" */
		{ "9", "gave_up: 算了吧" },
		{ "MM", "menu: 总1查余2更多3组合4买铃" },
		{ "选3", "step: 二" },
		{ "1", "ok: 好ok", "w.compose 3 1" },
		{ "MM", "menu: 总1查余2更多3组合4买铃" },
		{ "查余", "ok: 好ok", "w.balance" },
		{ "MM", "menu: 总1查余2更多3组合4买铃" },
		{ "第四个", ASKED },
		{ "是", "ok: 好ok", "w.order CAILING 7", "accepted:ok" },
		{ "MM", "menu: 总1查余2更多3组合4买铃" },
		{ "00", "left: 走了" },
		{ "2", "unknown: 不懂" },
		{ NULL },
	});
	hear("MM", "menu: 总1查余2更多3组合4买铃");
	later(300);
	hear("1", "unknown: 不懂");
}
END_TEST

START_TEST(opens)
{
	play((const struct line[]){
		{ "PF", "ok: 好ok", "w.score" },
		{ "5", "ok: 好ok", "w.mark hall7 5" },
		{ "5", "unknown: 不懂" },
		{ "PF", "ok: 好ok", "w.score" },
		{ "PF", "ok: 好ok", "w.score" },	/* twice asked is asked once */
		{ "4", "ok: 好ok", "w.mark hall7 4" },
		{ "3", "unknown: 不懂" },
		{ NULL },
	});
	/* What is opened is counted too. */
	hear("PF", "ok: 好ok");
	w.count = 2;
	world_hear(&w, "5");
	ck_assert_str_eq(w.ran, "");
	ck_assert(str_eqz(w.talk.reply.outcome, "too_many"));
}
END_TEST

START_TEST(free_text)
{
	play((const struct line[]){
		{ "TS", "ok: 好ok", "w.complain" },
		{ "DD 彩铃", ASKED },			/* a whole command is no complaint */
		{ "DD不了", "ok: 好ok", "w.detail DD不了" },	/* what only looks like one is */
		{ "TS", "ok: 好ok", "w.complain" },
		{ "ZZ 5 123456", "confirm: 转5" },		/* least of all with a secret */
		{ "N", "which_order: 不要哪个1.转5 2.买CAILING7，2小时内回Y " },
		{ "算了", "which_order: 不要哪个1.转5 2.买CAILING7，2小时内回Y " },
		{ "2", "declined: 不办", NULL, "declined" },
		{ "N", "declined: 不办", NULL, "declined" },
		{ "N", "unknown: 不懂" },		/* no complaint either */
		{ "Y", "nothing_open: 没有" },
		{ "行", "unknown: 不懂" },
		{ "TB", "step: 说吧" },
		{ "算了", "left: 走了" },
		{ "TB", "step: 说吧" },
		{ "不行", "ok: 好ok", "w.tell 不行" },
		{ NULL },
	});
}
END_TEST

START_TEST(long_answers)
{
	char text[1600] = "";

	for (unsigned i = 0; i < 100; i++)
		strcat(text, "没信号");
	hear("TS", "ok: 好ok");
	world_hear(&w, text);
	ck_assert_msg(!strncmp(w.ran, "w.detail 没信号", 12), "%s", w.ran);
	for (unsigned i = 0; i < 4; i++)
		world_hear(&w, strcat(text, "啊啊啊啊啊啊啊啊啊啊啊啊啊"));
	hear(text, "unknown: 不懂");	/* as nobody would send it twice */
	for (unsigned i = 0; i < 3; i++)
		world_hear(&w, text);
	ck_assert(w.talk.silent);
}
END_TEST

START_TEST(passwords)
{
	play((const struct line[]){
		{ "BX", "need_password: 密码5分钟" },
		{ "111111", "wrong_password: 密码错2" },
		{ "123456", "ok: 好ok", "w.vault" },
		{ "BX", "need_password: 密码5分钟" },
		{ "1", "retry: 再来。密码5分钟" },
		{ "算了", "left: 走了" },
		{ NULL },
	});
	ck_assert_uint_eq(w.times, 0);
	play((const struct line[]){
		{ "BX", "need_password: 密码5分钟" },
		{ "111111", "wrong_password: 密码错2" },
		{ "222222", "wrong_password: 密码错1" },
		{ "333333", "locked: 锁到16:41" },
		{ "123456", "unknown: 不懂" },
		{ "BX", "locked: 锁到16:41" },
		{ NULL },
	});
	ck_assert_int_gt(w.lock_until_us, w.now_us + INT64_C(500) * 1000000);
	later(600);
	play((const struct line[]){
		{ "BX", "need_password: 密码5分钟" },
		{ "1111", "wrong_password: 密码错2" },
		{ "2222", "wrong_password: 密码错1" },
		{ "3333", "locked: 锁到17:41" },
		{ NULL },
	});
	ck_assert_int_gt(w.lock_until_us, w.now_us + INT64_C(3500) * 1000000);
	w.hash = "";
	later(3600);
	hear("BX", "no_password: 没密码");
	char longer[200] = "";
	memset(longer, 'x', 160);
	w.hash = longer;
	hear("BX", "no_password: 没密码");	/* and no endless proving */
}
END_TEST

START_TEST(password_with_the_order)
{
	play((const struct line[]){
		{ "ZZ 5 111111", "wrong_password: 密码错2" },
		{ "123456", "confirm: 转5" },
		{ "Y", "ok: 好ok", "w.pay 5", "accepted:ok" },
		{ "ZZ 5 123456", "confirm: 转5" },
		{ "Y", "ok: 好ok", "w.pay 5", "accepted:ok" },
		{ "ZZ 5", "need_password: 密码5分钟" },
		{ "Y", "retry: 再来。密码5分钟" },
		{ NULL },
	});
	ck_assert_uint_eq(w.times, 0);
}
END_TEST

START_TEST(hides)
{
	static const char *const slips[] = { "密码是1234", "12 34 abc", "a12345" };

	for (unsigned i = 0; i < 3; i++) {
		world_hear(&w, "BX");
		for (unsigned k = 0; k < 3; k++) {	/* the third one ends it */
			world_hear(&w, slips[i]);
			ck_assert_str_eq(redacted(), "***");
			ck_assert(w.talk.match.secret);
		}
		ck_assert_str_eq(told(), "gave_up: 算了吧");
	}
	world_hear(&w, "BX");
	world_hear(&w, "1234");
	ck_assert_str_eq(redacted(), "***");
	later(301);
	world_hear(&w, "1234");		/* too late, and a password still */
	ck_assert_str_eq(redacted(), "***");
	world_hear(&w, "火星");
	ck_assert_str_eq(redacted(), "火星");
	world_hear(&w, "CZ");
	world_hear(&w, "12345");	/* no such card number, yet somebody's */
	ck_assert_str_eq(redacted(), "***");
	world_hear(&w, "1234567890123456");
	ck_assert_str_eq(w.ran, "w.card 1234567890123456");
	ck_assert_str_eq(redacted(), "***");
	world_hear(&w, "XGMM 123456 654321");
	ck_assert_msg(!strstr(redacted(), "123456") && !strstr(redacted(), "654321"), "%s", redacted());
}
END_TEST

START_TEST(new_passwords)
{
	play((const struct line[]){
		{ "XGMM 123456 654321", "ok: 好ok", "w.renew hash-of-654321" },
		{ "XGMM", "step: 新密码" },
		{ "12", "retry: 六位" },
		{ "654321", "need_password: 密码5分钟" },
		{ "123456", "ok: 好ok", "w.renew hash-of-654321" },
		{ "XGMM 111111 654321", "wrong_password: 密码错2" },
		{ "123456", "ok: 好ok", "w.renew hash-of-654321" },
		{ NULL },
	});
}
END_TEST

START_TEST(codes)
{
	char wrong[8];

	world_hear(&w, "YZ");
	ck_assert(str_eqz(w.talk.reply.outcome, "need_otp"));
	snprintf(wrong, sizeof(wrong), "%06d", (atoi(w.code) + 1) % 1000000);
	hear(wrong, "wrong_otp: 码错2");
	ck_assert_str_eq(redacted(), "***");
	hear(w.code, "ok: 好ok");
	hear(w.code, "unknown: 不懂");	/* once */
	world_hear(&w, "YZ");
	char first[8];
	strcpy(first, w.code);
	world_hear(&w, "YZ");
	if (strcmp(first, w.code) != 0)
		hear(first, "wrong_otp: 码错1");	/* the newer one counts, and wrong ones stay counted */
	later(300);
	hear(w.code, "unknown: 不懂");
}
END_TEST

/* Who holds the handset gets codes as he likes: they must not buy him tries at the password. */
START_TEST(code_buys_no_tries)
{
	unsigned tries = 0;

	for (unsigned i = 0; i < 10; i++) {
		world_hear(&w, "BX");
		world_hear(&w, "000001");
		tries += str_eqz(w.talk.reply.outcome, "wrong_password");
		world_hear(&w, "YZ");
		world_hear(&w, w.code);
	}
	ck_assert_uint_eq(tries, 2);
	ck_assert_int_gt(w.lock_until_us, w.now_us);
}
END_TEST

START_TEST(audience)
{
	hear("TQ", "ok: 好ok");
	w.brand = "mzone";
	hear("TQ", "not_for_you: 不给你");
	hear("GQ", "not_now: 不是时候");
	ck_assert_str_eq(w.ran, "");
}
END_TEST

START_TEST(rates)
{
	hear("PC", "ok: 好ok");
	w.count = 1;
	hear("PC", "ok: 好ok");
	w.count = 2;
	world_hear(&w, "PC");
	ck_assert(str_eqz(w.talk.reply.outcome, "too_many"));
	ck_assert_str_eq(w.ran, "");
}
END_TEST

START_TEST(not_understood)
{
	play((const struct line[]){
		{ "CX", "usage: 用法" },
		{ "CX 5", "ok: 好ok", "w.track 5" },
		{ "余饿", "ok: 好ok", "w.balance" },	/* one clear slip of a query */
		{ NULL },
	});
	world_hear(&w, "DF CAILING");
	ck_assert(str_eqz(w.talk.reply.outcome, "offer"));
	ck_assert_ptr_null(w.talk.match.command);
	ck_assert_str_eq(w.ran, "");
	hear("1", ASKED);
	hear("DD 彩铃？", "unknown: 不懂");
}
END_TEST

/* A machine that answers our answers is left alone soon; whoever has a question open, or sends a command, is not. */
START_TEST(no_loops)
{
	static const char *const machines[] = { "我在开车稍后回复", "Y", "谢谢", "CX", "是的", "CX？" };

	for (unsigned i = 0; i < 6; i++) {
		unsigned answers = 0;

		w.ntexts = 0;
		for (unsigned k = 0; k < 20; k++) {
			world_hear(&w, machines[i]);
			answers += !w.talk.silent;
		}
		ck_assert_msg(answers <= 5, "%s: %u answers", machines[i], answers);
		hear("YE", "ok: 好ok");
	}
	/* One that says "fine" to each question is not asked for ever. */
	w.ntexts = 0;
	hear("DD 彩铃", ASKED);
	unsigned answers = 0;
	for (unsigned k = 0; k < 20; k++) {
		world_hear(&w, "好的");
		answers += !w.talk.silent;
	}
	ck_assert_uint_le(answers, 5);
	hear("Y", "ok: 好ok");
	ck_assert_str_eq(w.ran, "w.order CAILING 7");
}
END_TEST

/* Version 2 has other functions, and what had steps has none. */
static struct tables *second_version(void)
{
	char *yaml = mem_dup(str_z(world_yaml)), *steps = strstr(yaml, "    steps: [{arg: a,"), *end = strchr(steps, '\n');
	struct tables *tables;

	memmove(steps, end + 1, strlen(end + 1) + 1);
	tables = world_parse(&w, yaml, "_2");
	tables->version = 2;
	free(yaml);
	return tables;
}

START_TEST(versions)
{
	struct tables *first = w.tables, *second = second_version();

	hear("MM", "menu: 总1查余2更多3组合4买铃");
	w.tables = second;
	hear("4", ASKED);		/* the menu is of the first: so is what it leads to */
	ck_assert(str_eqz(w.dialogue[0].function, "f_w.order_1"));
	ck_assert_int_eq(w.dialogue[0].version, 1);
	w.outcome = "changed";
	w.price = "8";
	hear("Y", "confirm: 变了买CAILING8，2小时内回Y");
	ck_assert_int_eq(w.dialogue[0].version, 1);
	w.outcome = "ok";
	hear("Y", "ok: 好ok");
	ck_assert(str_eqz(str_z(w.talk.match.command->function), "f_w.order_1"));
	/* The same order by both: the older question goes. */
	w.tables = first;
	hear("DD 彩铃", "confirm: 买CAILING8，2小时内回Y");
	w.tables = second;
	hear("DD 彩铃", "confirm: 买CAILING8，2小时内回Y");
	ck_assert_str_eq(w.evidence, "replaced");
	hear("Y", "ok: 好ok");
	tables_unref(&second);
	w.tables = first;
}
END_TEST

/* The tables that asked are gone: what the new ones cannot go on with ends, and nothing breaks. */
START_TEST(lost_tables)
{
	struct tables *first = w.tables, *second = second_version();

	hear("ZU", "step: 一");
	hear("DD 彩铃", ASKED);
	for (unsigned i = 0; i < w.n; i++) {
		w.dialogue[i].tables = NULL;
		w.dialogue[i].command = NULL;
		dialogue_bind(&w.dialogue[i], second);
	}
	w.tables = second;
	hear("火星", "gave_up: 算了吧");
	ck_assert_uint_eq(w.n, 1);
	hear("Y", "late: 晚了");
	ck_assert_str_eq(w.ran, "");
	ck_assert_uint_eq(w.n, 0);
	w.n = 0;
	tables_unref(&second);
	w.tables = first;
}
END_TEST

START_TEST(english)
{
	w.lang = LANG_EN;
	play((const struct line[]){
		{ "DD CAILING", "confirm: buy CAILING?" },
		{ "ok", "retry: buy CAILING?" },
		{ "Yes please", "ok: fine", "w.order CAILING 7", "accepted:ok" },
		{ "DD CAILING", "confirm: buy CAILING?" },
		{ "no thanks", "declined: declined", NULL, "declined" },
		{ "mm", "menu: main" },
		{ "more", "menu: inner" },
		{ "back", "menu: main" },
		{ "exit", "left: left" },
		{ NULL },
	});
}
END_TEST

START_TEST(slots_survive)
{
	struct slots slots = { 0 }, back;

	slots_put(&slots, w.arena, "a.", "x", STR(""));
	slots_put(&slots, w.arena, "a.", "none", (struct str){ 0 });
	slots_put(&slots, w.arena, "q.", "x", STR("彩铃\n"));
	slots_put_number(&slots, w.arena, "t.", 12, STR("y"));
	back = slots_decode(w.arena, slots_encode(&slots, w.arena));
	ck_assert_uint_eq(back.n, 3);
	ck_assert(slots_get(&back, "a.", "x").ptr && slots_get(&back, "a.", "x").len == 0);
	ck_assert_ptr_null(slots_get(&back, "a.", "none").ptr);
	ck_assert(str_eqz(slots_get(&back, "q.", "x"), "彩铃\n"));
	ck_assert(str_eqz(slots_number(&back, "t.", 12), "y"));
	ck_assert_ptr_null(slots_number(&back, "t.", 1).ptr);
	ck_assert_uint_eq(slots_decode(w.arena, STR("no end")).n, 0);
	ck_assert_uint_eq(slots_decode(w.arena, STR("")).n, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("talk");
	TCase *tcase = tcase_create("talk");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, confirms);
	tcase_add_test(tcase, own_words);
	tcase_add_test(tcase, too_late);
	tcase_add_test(tcase, edge_of_time);
	tcase_add_test(tcase, price_changes);
	tcase_add_test(tcase, cannot_be_had);
	tcase_add_test(tcase, several_orders);
	tcase_add_test(tcase, other_ports);
	tcase_add_test(tcase, not_too_many_questions);
	tcase_add_test(tcase, steps);
	tcase_add_test(tcase, yes_wins);
	tcase_add_test(tcase, menus);
	tcase_add_test(tcase, opens);
	tcase_add_test(tcase, free_text);
	tcase_add_test(tcase, long_answers);
	tcase_add_test(tcase, passwords);
	tcase_add_test(tcase, password_with_the_order);
	tcase_add_test(tcase, hides);
	tcase_add_test(tcase, new_passwords);
	tcase_add_test(tcase, codes);
	tcase_add_test(tcase, code_buys_no_tries);
	tcase_add_test(tcase, audience);
	tcase_add_test(tcase, rates);
	tcase_add_test(tcase, not_understood);
	tcase_add_test(tcase, no_loops);
	tcase_add_test(tcase, versions);
	tcase_add_test(tcase, lost_tables);
	tcase_add_test(tcase, english);
	tcase_add_test(tcase, slots_survive);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
