/* queue_test - the order in which waiting texts are taken: as they came while few wait, by their weight
 * when many do, and a sender's own never in another order than he sent them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/hall.h"
#include "table/problems.h"
#include "text/fold.h"

enum { BATCH = 64, SENDERS = 400, TEXTS = 6000 };

static const char yaml[] =
	"table: t\nabout: x\nscope: group\nports: ['10086']\n"
	"answers:\n  unknown: {zh: a, en: a}\n  error: {zh: b, en: b}\n"
	"commands:\n"
	"  ask: {about: x, say: [ASK], risk: query, sql: 'SELECT ''ok'' AS outcome', reply: {ok: {zh: a, en: a}, none: {zh: a, en: a}},\n"
	"    examples: [{text: ASK, from: '13800138000'}]}\n"
	"  do: {about: x, say: [DO], risk: change, sql: 'SELECT ''ok'' AS outcome', reply: {ok: {zh: a, en: a}, none: {zh: a, en: a}},\n"
	"    examples: [{text: DO, from: '13800138000'}]}\n";

/* By weight; what no command knows is the last. */
static const char *const says[] = { "DO", "ASK", "hello" };

static struct hall *hall;
static struct lane *lane;
static struct conf conf = { .batch_max = BATCH };
static int64_t number;

static void setup(void)
{
	struct problems problems = { .arena = arena_new() };
	struct source source = { .name = "t.yaml", .content = STR(yaml) };
	struct err err;

	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
	hall = calloc(1, sizeof(*hall));
	hall->conf = &conf;
	hall->tables = tables_parse(&source, 1, &problems);
	if (problems.n)
		problems_print(stderr, &problems);
	ck_assert_uint_eq(problems.errors, 0);
	arena_free(&problems.arena);
	lane = &hall->lane[0];
	lane->hall = hall;
	lane->text = calloc(BATCH, sizeof(*lane->text));
	lane->senders = map_new();
	queue_init(lane);
	number = 0;
}

static void teardown(void)
{
	queue_free(lane);
	map_free(&lane->senders);
	free(lane->text);
	tables_unref(&hall->tables);
	free(hall);
}

static struct text *text(unsigned sender, unsigned what)
{
	struct text *t = text_new(STR("x"), STR("10086"), STR("main"), str_z(says[what]));

	snprintf(t->msisdn.text, sizeof(t->msisdn.text), "139%08u", sender);
	t->at_us = ++number;
	return t;
}

static unsigned what(const struct text *t)
{
	unsigned k = 0;

	while (!str_eqz(t->raw, says[k]))
		k++;
	return k;
}

static void choose(void)
{
	lane->n = 0;
	queue_choose(lane);
}

static void drop(void)
{
	for (unsigned i = 0; i < lane->n; i++)
		text_free(lane->text[i]);
	lane->n = 0;
}

START_TEST(few_are_taken_as_they_came)
{
	for (unsigned i = 0; i < 3 * BATCH; i++)
		queue_put(lane, text(i, 2 - i % 3));
	for (unsigned i = 0; i < 3 * BATCH; i++) {
		if (i % BATCH == 0)
			choose();
		ck_assert_int_eq(lane->text[i % BATCH]->at_us, i + 1);
		if (i % BATCH == BATCH - 1)
			drop();
	}
	ck_assert_uint_eq(lane->queued, 0);
}
END_TEST

/* Those too that came before anybody could know that there would be many. */
START_TEST(many_are_taken_by_weight)
{
	unsigned n[3] = { 0 }, before = 0;

	for (unsigned i = 0; i < 2000; i++)
		queue_put(lane, text(i, i % 3));
	for (choose(); lane->n; drop(), choose())
		for (unsigned i = 0; i < lane->n; i++) {
			unsigned k = what(lane->text[i]);

			ck_assert_uint_ge(k, before);
			before = k;
			n[k]++;
		}
	ck_assert_uint_eq(n[0] + n[1] + n[2], 2000);
	ck_assert_uint_ge(n[2], 666);
}
END_TEST

/* A batch that comes back makes many of few; then few again, and many. */
START_TEST(many_by_those_that_come_back)
{
	int64_t last = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < 1000; i++)
		queue_put(lane, text(i, 2));
	choose();
	for (unsigned i = 1000; i < 1070; i++)
		queue_put(lane, text(i, 2));
	for (unsigned i = lane->n; i-- > 0;)
		queue_front(lane, lane->text[i]);
	queue_put(lane, text(1069, 2));
	choose();
	drop();
	for (unsigned i = 2000; i < 2100; i++)
		queue_put(lane, text(i, 2));
	for (choose(); lane->n; drop(), choose())
		for (unsigned i = 0; i < lane->n; i++) {
			if (strcmp(lane->text[i]->msisdn.text, "13900001069") != 0)
				continue;
			ck_assert_int_gt(lane->text[i]->at_us, last);
			last = lane->text[i]->at_us;
			n++;
		}
	ck_assert_uint_eq(n, 2);
}
END_TEST

/* Many and few by turns, so that the bound is passed up and down; some come back to the front, as after a failure. */
static void run(unsigned seed)
{
	int64_t last[SENDERS] = { 0 };
	unsigned put = 0, taken = 0;

	srand(seed);
	while (taken < TEXTS) {
		unsigned more = rand() % (put / 1500 % 2 ? 60 : 200);

		for (; more && put < TEXTS; more--, put++)
			queue_put(lane, text(rand() % 3 ? rand() % SENDERS : rand() % 10, rand() % 3));
		choose();
		bool back = rand() % 8 == 0;
		for (unsigned i = lane->n; back && i-- > 0;)
			queue_front(lane, lane->text[i]);
		for (unsigned i = 0; !back && i < lane->n; i++) {
			int64_t *of = &last[atoi(lane->text[i]->msisdn.text + 3)];

			ck_assert_int_gt(lane->text[i]->at_us, *of);
			*of = lane->text[i]->at_us;
			taken++;
		}
		if (!back)
			drop();
	}
	ck_assert_uint_eq(lane->queued, 0);
}

START_TEST(a_senders_own_keep_their_order)
{
	run(_i);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("queue");
	TCase *t = tcase_create("order");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, few_are_taken_as_they_came);
	tcase_add_test(t, many_are_taken_by_weight);
	tcase_add_test(t, many_by_those_that_come_back);
	tcase_add_loop_test(t, a_senders_own_keep_their_order, 0, 20);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
