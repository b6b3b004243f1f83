/* blast_test - `smsctl blast test`: a blast's messages to staff, before anybody approves it (blast.h). */
#include <stdlib.h>
#include <unistd.h>

#include "base/conf.h"
#include "ctl/blast.h"
#include "ctl/ctl.h"
#include "table/ask.h"
#include "text/segment.h"

enum { TESTS_MAX = 20, WAIT_MS = 10000, LOOK_MS = 200 };

struct test {
	struct press press;
	unsigned n;
	const char *msisdn[TESTS_MAX], *lang[TESTS_MAX], *variant[TESTS_MAX], *text[TESTS_MAX], *segments[TESTS_MAX];
};

/* The numbers of the command line in their one form. */
static int numbers(struct desk *d, const char **array_r, struct err *err)
{
	const char *number[BLAST_WORDS_MAX];
	unsigned n = 0;

	for (unsigned i = 2; i < d->args->nwords; i++) {
		struct msisdn msisdn;

		if (msisdn_parse(str_z(d->args->word[i]), &msisdn, err) < 0)
			return err_prefix(err, "%s", d->args->word[i]);
		const char *text = arena_z(d->arena, str_z(msisdn.text));
		bool twice = false;
		for (unsigned k = 0; k < n; k++)
			twice |= strcmp(number[k], text) == 0;
		if (!twice)
			number[n++] = text;
	}
	*array_r = ask_array(d->arena, number, n);
	return 0;
}

static int add_messages(struct test *t, const PGresult *testers, const PGresult *rows, struct err *err)
{
	struct arena *arena = t->press.desk->arena;

	for (int i = 0; i < PQntuples(testers); i++) {
		const char *lang = arena_z(arena, ask_value(testers, i, 1));

		/* Each tester sees another recipient's values, in his own language. */
		blast_fill(&t->press, PQntuples(rows) ? ask_value(rows, i % PQntuples(rows), BLAST_ROW_DATA) : STR(""));
		for (unsigned v = 0; v < t->press.texts.n; v++, t->n++) {
			if (t->n == TESTS_MAX)
				return err_set(err, ERR_INPUT, "more than %d messages are no test (name fewer numbers)",
					       TESTS_MAX);
			struct str text = blast_render(&t->press, arena, v, blast_lang_of(lang));
			t->msisdn[t->n] = arena_z(arena, ask_value(testers, i, 0));
			t->lang[t->n] = lang;
			t->variant[t->n] = t->press.texts.variant[v].name;
			t->text[t->n] = arena_z(arena, text);
			t->segments[t->n] = arena_printf(arena, "%u", segment_count(text)).ptr;
		}
	}
	return t->n ? 0 : err_set(err, ERR_INPUT, "nobody is on the list `test` (name numbers: smsctl blast test %s "
				  "NUMBER…)", t->press.desk->blast);
}

/* Where neither the blast nor its class has one: the hall's first. */
static const char *port(const struct test *t)
{
	struct desk *d = t->press.desk;
	const char *own = blast_get(d, t->press.blast, "sends_from");
	struct conf conf;

	if (*own || !blast_conf(&conf))
		return *own ? own : NULL;
	const char *first = conf.nports ? arena_z(d->arena, str_z(conf.port[0])) : NULL;
	conf_free(&conf);
	return first;
}

static int put(struct test *t, const char **cause_r, struct err *err)
{
	struct desk *d = t->press.desk;
	const char *param[] = {
		d->blast, ask_array(d->arena, t->msisdn, t->n), ask_array(d->arena, t->lang, t->n),
		ask_array(d->arena, t->variant, t->n), ask_array(d->arena, t->text, t->n),
		ask_array(d->arena, t->segments, t->n), port(t),
	};
	json_t *detail;

	if (blast_call(d, Q_CTL_BLAST_TEST, 7, param, &detail, NULL, err) < 0)
		return -1;
	*cause_r = blast_get(d, detail, "cause");
	json_decref(detail);
	return 0;
}

/* Held as new: no smsd has looked at it yet. */
static bool settled(const PGresult *res)
{
	for (int i = 0; i < PQntuples(res); i++)
		if (strcmp(PQgetvalue(res, i, 3), "held") == 0 && strcmp(PQgetvalue(res, i, 4), "new") == 0)
			return false;
	return true;
}

static int follow(struct test *t, const char *cause, struct err *err)
{
	static const struct ctl_column column[] = {
		{ "msisdn" }, { "wording" }, { "segments", CTL_NUMBER }, { "state" }, { "why" },
	};
	struct ctl_table *table = ctl_table_new(column, 5, t->press.desk->args->json);
	PGresult *res = NULL;

	for (unsigned waited = 0;; waited += LOOK_MS) {
		PQclear(res);
		res = ask(t->press.desk->conn, Q_CTL_BLAST_TESTED, 1, &cause, err);
		if (!res || settled(res) || waited >= WAIT_MS)
			break;
		usleep(LOOK_MS * 1000);
	}
	if (res)
		ctl_table_result(table, res);
	int failed = !res ? -1 : settled(res) ? 0 :
		     err_set(err, ERR_TEMP, "not yet looked at after %d s; they stay to be sent (is a smsd running? smsctl "
			     "doctor)", WAIT_MS / 1000);
	ctl_table_print(&table, "", stdout);
	PQclear(res);
	return failed;
}

int blast_test(struct desk *d, struct err *err)
{
	struct test t = { .press = { .desk = d } };
	const char *array = NULL, *cause;
	PGresult *testers = NULL, *rows = NULL;

	int failed = numbers(d, &array, err) < 0 || blast_press(&t.press, err) < 0 ||
		     !(testers = ask(d->conn, Q_CTL_BLAST_TESTERS, 2, (const char *[]){ d->who, array }, err)) ||
		     !(rows = blast_rows(&t.press, TESTS_MAX, err)) || add_messages(&t, testers, rows, err) < 0 ||
		     put(&t, &cause, err) < 0 || follow(&t, cause, err) < 0;
	PQclear(testers);
	PQclear(rows);
	json_decref(t.press.blast);
	return failed ? -1 : 0;
}
