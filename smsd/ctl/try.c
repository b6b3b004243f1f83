/* try - `smsctl try NUMBER TEXT`: what a text would do, and why, doing nothing. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/tryout.h"
#include "table/ask.h"
#include "text/msisdn.h"

enum { OPT_NOW = 256, OPT_LINK, OPT_LANG, OPT_TABLES, ANSWERS_MAX = 16 };

struct request {
	const char *argv0, *number, *now, *to, *link, *lang, *file, *dir;
	bool json;
	struct buf words;
	unsigned nwords, nanswers;
	const char *answer[ANSWERS_MAX];
	struct msisdn msisdn;
	struct arena *arena;
};

/* ---- one text as a record ---- */

static const struct ctl_column columns[] = {
	{ "text" },
	{ "folded" },
	{ "how" },
	{ "wording" },
	{ "command" },
	{ "about" },
	{ "risk" },
	{ "arguments" },
	{ "version", CTL_NUMBER },
	{ "outcome" },
	{ "changes", CTL_BOOL },
	{ "reply" },
	{ "coding" },
	{ "segments", CTL_NUMBER },
	{ "spare", CTL_NUMBER },
	{ "tip" },
	{ "withheld" },
	{ "asks" },
	{ "lang" },
	{ "lang_why" },
	{ "province" },
	{ "now" },
	{ "sqlstate", CTL_TEXT, CTL_JSON_ONLY },
	{ "error" },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static const char *arguments(struct arena *arena, const struct match *match)
{
	struct buf out = { 0 };

	for (unsigned i = 0; match->command && i < match->command->nargs; i++) {
		const struct command_arg *arg = &match->command->arg[i];

		if (!match->arg[i].ptr)
			continue;
		buf_printf(&out, "%s%s=", out.len ? " " : "", arg->name);
		if (arg->secret)
			buf_z(&out, "(hidden)");
		else
			buf_str(&out, match->arg[i]);
	}
	const char *text = arena_z(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

static const char *number(struct arena *arena, unsigned n)
{
	return arena_printf(arena, "%u", n).ptr;
}

static const char *text_of(struct arena *arena, struct str s)
{
	return s.ptr ? arena_z(arena, s) : NULL;
}

static const char *parked(struct arena *arena, const struct tryout *t)
{
	return arena_printf(arena, "%s (SQLSTATE %s): the text would be parked", t->error.text,
			    t->sqlstate).ptr;
}

static void fill(struct arena *arena, const struct tryout_input *in, const struct tryout *t,
		 const char **cell)
{
	const struct command *command = t->match.command;
	struct str folded = t->match.secret ? t->match.redacted : t->folded;
	const char *const filled[COLUMNS] = {
		t->match.secret ? text_of(arena, folded) : text_of(arena, t->text),
		text_of(arena, folded),
		t->match.how ? t->match.how : "none",
		t->match.wording,
		command ? command->id : NULL,
		command ? command->about : NULL,
		command ? risk_name(command->risk) : NULL,
		command ? arguments(arena, &t->match) : NULL,
		in->tables->version ? number(arena, in->tables->version) : NULL,
		text_of(arena, t->reply.outcome),
		t->changed ? "t" : "f",
		text_of(arena, t->reply.text),
		t->segments.coding == CODING_GSM7 ? "gsm7" : "ucs2",
		number(arena, t->segments.count),
		number(arena, t->segments.spare),
		t->reply.tip ? t->reply.tip->name : NULL,
		t->reply.withheld ? t->reply.withheld->name : NULL,
		t->asks,
		lang_name(t->lang),
		t->lang_why,
		text_of(arena, t->province),
		text_of(arena, in->now.text),
		t->failed ? t->sqlstate : NULL,
		t->failed ? parked(arena, t) : NULL,
	};

	memcpy(cell, filled, sizeof(filled));
}

/* What says nothing about this text is left out for people. */
static void print_for_people(const char *const *cell)
{
	struct ctl_column shown[COLUMNS];
	const char *value[COLUMNS];
	unsigned n = 0;

	for (unsigned i = 0; i < COLUMNS; i++) {
		if (!cell[i] || !*cell[i])
			continue;
		shown[n] = columns[i];
		value[n++] = cell[i];
	}
	ctl_print_record(shown, n, value, false, stdout);
}

/* ---- running ---- */

static int try_lines(struct tryout_input *in, const struct request *r, FILE *texts, struct err *err)
{
	struct ctl_table *table = r->json ? ctl_table_new(columns, COLUMNS, true) : NULL;
	const char *cell[COLUMNS];
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int failed = 0;
	bool first = true;

	while (!failed && (n = getline(&line, &room, texts)) >= 0) {
		struct tryout out;

		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		if (!n)
			continue;
		in->text = arena_str(r->arena, str_n(line, n));
		failed = tryout_run(in, r->arena, &out, err);
		if (failed)
			break;
		fill(r->arena, in, &out, cell);
		if (table) {
			ctl_table_row(table, cell);
			continue;
		}
		if (!first)
			putchar('\n');
		first = false;
		print_for_people(cell);
	}
	free(line);
	if (table)
		ctl_table_print(&table, "", stdout);
	return failed;
}

static int try_file(struct tryout_input *in, const struct request *r, struct err *err)
{
	bool input = strcmp(r->file, "-") == 0;
	FILE *texts = input ? stdin : fopen(r->file, "r");

	if (!texts)
		return err_set(err, ERR_INPUT, "%s: %s", r->file, strerror(errno));
	int failed = try_lines(in, r, texts, err);
	if (!input)
		fclose(texts);
	return failed;
}

/* The text, then each answer to what was asked. */
static int try_one(struct tryout_input *in, struct request *r, struct err *err)
{
	struct tryout_talk talk = { 0 };
	const char *cell[COLUMNS];
	struct tryout out;

	struct tryout_input talking = *in;

	talking.talk = &talk;
	in = &talking;
	for (unsigned i = 0; i <= r->nanswers; i++) {
		in->text = i ? str_z(r->answer[i - 1]) : buf_get(&r->words);
		if (tryout_run(in, r->arena, &out, err) != 0)
			return -1;
		fill(r->arena, in, &out, cell);
		if (r->json) {
			ctl_print_record(columns, COLUMNS, cell, true, stdout);
			continue;
		}
		if (i)
			putchar('\n');
		print_for_people(cell);
	}
	return 0;
}

static int try_all(PGconn *conn, struct request *r, struct err *err)
{
	struct tryout_input in = {
		.conn = conn,
		.msisdn = str_z(r->msisdn.text),
		.port = str_z(r->to),
		.link = str_z(r->link),
		.lang = r->lang,
	};
	struct tables *tables;
	struct vocabulary *vocabulary;

	if (ask_do(conn, "BEGIN", err) != 0 ||
	    tryout_now(conn, r->now, r->arena, &in.now, err) != 0 ||
	    tryout_load(conn, r->dir, r->arena, &tables, &vocabulary, err) != 0)
		return -1;
	in.tables = tables;
	in.vocabulary = vocabulary;
	struct nearest_words *words = nearest_words_new(vocabulary);
	in.words = words;
	int failed = r->file ? try_file(&in, r, err) : try_one(&in, r, err);
	nearest_words_free(&words);
	tables_unref(&tables);
	vocabulary_unref(&vocabulary);
	return failed;
}

/* ---- the command line ---- */

static const struct argp_option option_list[] = {
	{ "now", OPT_NOW, "TIME", 0, "As if it were then: 2026-11-22, 2026-11-22 08:30" },
	{ "to", 't', "PORT", 0, "The number it is sent to (10086)" },
	{ "link", OPT_LINK, "LINK", 0, "The SMSC link it comes by" },
	{ "lang", OPT_LANG, "zh|en", 0, "Answer in that language instead of the subscriber's" },
	{ "answer", 'a', "TEXT", 0, "Then this, as the answer to what was asked; may be given several times" },
	{ "file", 'f', "FILE", 0, "Try each line of a file (-: the input)" },
	{ "tables", OPT_TABLES, "DIR", 0,
	  "Against the tables in DIR instead of the active version" },
	CTL_JSON_OPTION,
	{ 0 }
};

static void take_word(struct request *r, struct argp_state *state, const char *word)
{
	struct err err;

	if (r->number) {
		if (r->nwords++)
			buf_char(&r->words, ' ');
		buf_z(&r->words, word);
		return;
	}
	r->number = word;
	if (msisdn_parse(str_z(word), &r->msisdn, &err) != 0)
		argp_error(state, "%s", err.text);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct request *r = state->input;

	switch (key) {
	case OPT_NOW: r->now = arg; break;
	case OPT_LINK: r->link = arg; break;
	case OPT_LANG:
		if (strcmp(arg, "zh") != 0 && strcmp(arg, "en") != 0)
			argp_error(state, "--lang is zh or en");
		r->lang = arg;
		break;
	case OPT_TABLES: r->dir = arg; break;
	case 't': r->to = arg; break;
	case 'a':
		if (r->nanswers == ANSWERS_MAX)
			argp_error(state, "at most %d answers", ANSWERS_MAX);
		r->answer[r->nanswers++] = arg;
		break;
	case 'f': r->file = arg; break;
	case 'j': r->json = true; break;
	case ARGP_KEY_ARG: take_word(r, state, arg); break;
	case ARGP_KEY_END:
		if (!r->number || !r->nwords == !r->file)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, take, "NUMBER TEXT…\nNUMBER --file FILE",
	"What a text from NUMBER would do, and why, in a transaction that is rolled back.\v"
	"Nothing is open when it begins: answers go with --answer.  Passwords and codes are taken as right.  "
	"A TEXT that begins with - goes after --.", NULL, NULL, NULL
};

int try_main(int argc, char **argv)
{
	struct request r = { .argv0 = argv[0], .to = "10086", .arena = arena_new() };
	struct err err = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	PGconn *conn = ctl_connect(&err);
	int failed = conn ? try_all(conn, &r, &err) : -1;
	PQfinish(conn);		/* its end undoes all */
	buf_free(&r.words);
	arena_free(&r.arena);
	return failed ? ctl_fail(argv[0], &err) : CTL_DONE;
}
