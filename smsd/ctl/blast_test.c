/* blast_test - `smsctl blast test`: a blast's messages to staff, before anybody approves it (blast.h). */
#include <stdlib.h>
#include <unistd.h>

#include "base/conf.h"
#include "ctl/blast.h"
#include "ctl/ctl.h"
#include "table/ask.h"

enum { WAIT_MS = 10000, LOOK_MS = 200 };

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

/* Where neither the blast nor its class has one: the hall's first. */
static const char *port(struct desk *d, const json_t *blast)
{
	const char *own = blast_get(d, blast, "sends_from");
	struct conf conf;

	if (*own || !blast_conf(&conf))
		return *own ? own : NULL;
	const char *first = conf.nports ? arena_z(d->arena, str_z(conf.port[0])) : NULL;
	conf_free(&conf);
	return first;
}

static int put(struct desk *d, const json_t *blast, const json_t *tests, const char **cause_r, struct err *err)
{
	char *messages = json_dumps(tests, JSON_COMPACT);
	const char *param[] = { d->blast, messages, port(d, blast) };
	json_t *detail;

	int failed = blast_call(d, Q_CTL_BLAST_TEST, 3, param, &detail, NULL, err);
	free(messages);
	if (failed < 0)
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

static int follow(struct desk *d, const char *cause, struct err *err)
{
	static const struct ctl_column column[] = {
		{ "msisdn" }, { "wording" }, { "segments", CTL_NUMBER }, { "state" }, { "why" },
	};
	struct ctl_table *table = ctl_table_new(column, 5, d->args->json);
	PGresult *res = NULL;

	for (unsigned waited = 0;; waited += LOOK_MS) {
		PQclear(res);
		res = ask(d->conn, Q_CTL_BLAST_TESTED, 1, &cause, err);
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
	const char *array = NULL, *cause;
	PGresult *testers = NULL, *rows = NULL;
	json_t *blast = NULL, *tests = NULL;
	struct press *press;

	int failed = numbers(d, &array, err) < 0 || !(press = blast_press(d, &blast, err)) ||
		     !(testers = ask(d->conn, Q_CTL_BLAST_TESTERS, 2, (const char *[]){ d->who, array }, err)) ||
		     !(rows = blast_rows(d, PRESS_TESTS_MAX, err)) || !(tests = press_tests(press, testers, rows, err)) ||
		     put(d, blast, tests, &cause, err) < 0 || follow(d, cause, err) < 0;
	PQclear(testers);
	PQclear(rows);
	json_decref(tests);
	json_decref(blast);
	return failed ? -1 : 0;
}
