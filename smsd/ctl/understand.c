/* understand - `smsctl understand`: how many of a file of sample texts are
 * understood, and whether any is done that should not be. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/intents.h"
#include "ctl/tryout.h"
#include "table/ask.h"

enum { OPT_INTENTS = 256, OPT_NOW, OPT_TABLES };

struct request {
	const char *file, *intents, *now, *dir;
	bool json;
};

struct sample {
	struct sample *next;
	unsigned line;
	struct str intent, args, text;
};

struct tally {
	struct str intent;
	unsigned texts, understood, wrong;
	bool mapped;
};

struct run {
	const struct request *request;
	struct arena *arena;
	struct intents *intents;
	struct sample *samples;
	unsigned nsamples, ntallies;
	struct tally *tally;
	struct tryout_input in;
	struct ctl_table *misses;
};

/* ---- the file of texts ---- */

static struct str unescape(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i], after = i + 1 < text.len ? text.ptr[i + 1] : 0;

		if (c == '\\' && (after == 'n' || after == 't' || after == '\\')) {
			c = after == 'n' ? '\n' : after == 't' ? '\t' : '\\';
			i++;
		}
		out[n++] = c;
	}
	return str_n(out, n);
}

static int take_line(struct run *run, struct sample ***tail, struct str line, unsigned number,
		     struct err *err)
{
	struct sample *s = arena_alloc(run->arena, sizeof(*s));
	struct str part[3];

	line = arena_str(run->arena, line);
	for (unsigned i = 0; i < 3; i++) {
		const char *tab = i < 2 ? memchr(line.ptr, '\t', line.len) : line.ptr + line.len;

		if (!tab)
			return err_set(err, ERR_INPUT, "%s:%u: not intent, arguments and text, with "
				       "tabs between them", run->request->file, number);
		part[i] = str_n(line.ptr, tab - line.ptr);
		str_skip(&line, part[i].len + (i < 2));
	}
	*s = (struct sample){ NULL, number, part[0], part[1], unescape(run->arena, part[2]) };
	**tail = s;
	*tail = &s->next;
	run->nsamples++;
	return 0;
}

static int read_samples(struct run *run, struct err *err)
{
	FILE *in = fopen(run->request->file, "r");
	struct sample **tail = &run->samples;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int failed = 0;

	if (!in)
		return err_set(err, ERR_INPUT, "%s: %s", run->request->file, strerror(errno));
	for (unsigned number = 1; !failed && (n = getline(&line, &room, in)) >= 0; number++) {
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		if (n && *line != '#')
			failed = take_line(run, &tail, str_n(line, n), number, err);
	}
	free(line);
	fclose(in);
	return failed;
}

/* ---- judging ---- */

static struct tally *tally_of(struct run *run, struct str intent)
{
	for (unsigned i = 0; i < run->ntallies; i++)
		if (str_eq(run->tally[i].intent, intent))
			return &run->tally[i];
	struct tally *t = &run->tally[run->ntallies++];
	*t = (struct tally){ .intent = intent, .mapped = intents_has(run->intents, intent) };
	return t;
}

/* The business that the hall is for. */
static bool is_main(struct str intent)
{
	static const char *const main_intents[] = { "balance", "bill", "plan", "data", "points" };
	static const char *const families[] = { "service_", "event_", "recharge" };

	for (unsigned i = 0; i < sizeof(main_intents) / sizeof(*main_intents); i++)
		if (str_eqz(intent, main_intents[i]))
			return true;
	for (unsigned i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (str_starts(intent, str_z(families[i])))
			return true;
	return false;
}

static bool did_something(const struct tryout *t)
{
	return t->match.kind == MATCH_COMMAND && t->match.command->risk != RISK_QUERY && t->changed;
}

/* Small talk, and what is no order: a helpful answer is right, or a refusal. */
static bool left_alone(const struct run *run, const struct sample *s, const struct tryout *t)
{
	if (t->match.kind != MATCH_COMMAND)
		return true;
	if (t->match.command->chat)
		return str_eq(s->intent, STR("chat"));
	if (intents_reached(run->intents, s->intent, t->match.command, t->reply.outcome))
		return !did_something(t);
	return t->match.command->risk != RISK_QUERY && !t->changed && !t->asks;
}

static bool understood(const struct run *run, const struct sample *s, const struct tryout *t)
{
	if (t->failed)
		return false;
	if (str_eq(s->intent, STR("none")) || str_eq(s->intent, STR("chat")))
		return left_alone(run, s, t);
	if (str_eq(s->intent, STR("offer")))	/* "did you mean" is best, doing it worst */
		return !did_something(t);
	return t->match.kind == MATCH_COMMAND &&
	       intents_reached(run->intents, s->intent, t->match.command, t->reply.outcome) &&
	       intents_same_args(run->intents, s->intent, &t->match, s->args, run->in.now.text);
}

static const char *got(struct arena *arena, const struct tryout *t)
{
	const struct command *command = t->match.command;
	struct buf out = { 0 };

	if (t->match.kind == MATCH_NONE)
		return "unknown";
	buf_printf(&out, "%s", command->id);
	for (unsigned i = 0; t->match.kind == MATCH_COMMAND && i < command->nargs; i++)
		if (t->match.arg[i].ptr && !command->arg[i].secret)
			buf_printf(&out, " %s=%.*s", command->arg[i].name,
				   STR_ARG(t->match.arg[i]));
	buf_printf(&out, ": %.*s", STR_ARG(t->reply.outcome));
	const char *text = arena_z(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

static const struct ctl_column miss_columns[] = {
	{ "line", CTL_NUMBER },
	{ "intent" },
	{ "arguments" },
	{ "text" },
	{ "understood", CTL_BOOL, CTL_JSON_ONLY },
	{ "reached" },
	{ "done_wrongly", CTL_BOOL },
};

static void judge(struct run *run, const struct sample *s, const struct tryout *t)
{
	struct tally *tally = tally_of(run, s->intent);
	bool right = understood(run, s, t), wrong = !right && did_something(t);
	const char *cell[] = {
		arena_printf(run->arena, "%u", s->line).ptr, arena_z(run->arena, s->intent),
		arena_z(run->arena, s->args), arena_z(run->arena, s->text), right ? "t" : "f",
		got(run->arena, t), wrong ? "t" : "f",
	};

	tally->texts++;
	tally->understood += right;
	tally->wrong += wrong;
	if (!right || run->request->json)
		ctl_table_row(run->misses, cell);
}

/* ---- reporting ---- */

static void print_tallies(const struct run *run)
{
	static const struct ctl_column column[] = {
		{ "intent" },
		{ "texts", CTL_NUMBER },
		{ "understood", CTL_NUMBER },
		{ "done_wrongly", CTL_NUMBER },
		{ "" },
	};
	struct ctl_table *table = ctl_table_new(column, 5, false);

	for (unsigned i = 0; i < run->ntallies; i++) {
		const struct tally *t = &run->tally[i];
		bool special = str_eq(t->intent, STR("none")) || str_eq(t->intent, STR("chat")) ||
			       str_eq(t->intent, STR("offer"));
		const char *cell[] = {
			arena_z(run->arena, t->intent),
			arena_printf(run->arena, "%u", t->texts).ptr,
			arena_printf(run->arena, "%u", t->understood).ptr,
			arena_printf(run->arena, "%u", t->wrong).ptr,
			t->mapped || special ? "" : "no command for it",
		};

		ctl_table_row(table, cell);
	}
	ctl_table_print(&table, "no texts", stdout);
}

static void print_sums(const struct run *run)
{
	unsigned n = 0, main_n = 0, main_texts = 0, wrong = 0;

	for (unsigned i = 0; i < run->ntallies; i++) {
		const struct tally *t = &run->tally[i];

		n += t->understood;
		wrong += t->wrong;
		if (is_main(t->intent)) {
			main_n += t->understood;
			main_texts += t->texts;
		}
	}
	printf("main intents: understood %u of %u (%.1f %%)\n", main_n, main_texts,
	       main_texts ? 100.0 * main_n / main_texts : 0.0);
	printf("understood %u of %u, wrongly done %u\n", n, run->nsamples, wrong);
}

static void print_all(struct run *run)
{
	if (run->request->json) {
		ctl_table_print(&run->misses, "", stdout);
		return;
	}
	print_tallies(run);
	putchar('\n');
	ctl_table_print(&run->misses, "no misses", stdout);
	putchar('\n');
	print_sums(run);
}

/* ---- running ---- */

static int try_samples(struct run *run, struct err *err)
{
	struct arena *arena = arena_new();
	int failed = 0;

	run->tally = arena_alloc(run->arena, (run->nsamples + 1) * sizeof(*run->tally));
	run->misses = ctl_table_new(miss_columns, sizeof(miss_columns) / sizeof(*miss_columns),
				    run->request->json);
	for (const struct sample *s = run->samples; s && !failed; s = s->next) {
		struct tryout out;

		run->in.text = s->text;
		failed = tryout_run(&run->in, arena, &out, err);
		if (!failed)
			judge(run, s, &out);
		arena_reset(arena);
	}
	arena_free(&arena);
	return failed;
}

static int understand(PGconn *conn, struct run *run, struct err *err)
{
	const struct request *r = run->request;
	struct tables *tables;
	struct vocabulary *vocabulary;
	int failed;

	run->in = (struct tryout_input){
		.conn = conn, .msisdn = STR("13800138000"), .port = STR("10086"),
	};
	if (ask_do(conn, "BEGIN", err) != 0 ||
	    tryout_now(conn, r->now, run->arena, &run->in.now, err) != 0 ||
	    tryout_load(conn, r->dir, run->arena, &tables, &vocabulary, err) != 0)
		return -1;
	run->in.tables = tables;
	run->in.vocabulary = vocabulary;
	struct nearest_words *words = nearest_words_new(vocabulary);
	run->in.words = words;
	failed = intents_check(run->intents, tables, err);
	if (!failed)
		failed = try_samples(run, err);
	if (!failed)
		print_all(run);
	nearest_words_free(&words);
	tables_unref(&tables);
	vocabulary_unref(&vocabulary);
	return failed;
}

static int run_request(struct request *r, struct err *err)
{
	struct run run = { .request = r, .arena = arena_new() };
	PGconn *conn = NULL;
	int failed = 0;

	if (!r->file || !r->intents)
		failed = err_set(err, ERR_INPUT, "no %s found (name it)",
				 r->file ? "intents.tsv" : "texts.tsv");
	if (!failed)
		failed = intents_read(r->intents, &run.intents, err);
	if (!failed)
		failed = read_samples(&run, err);
	if (!failed && !(conn = ctl_connect(err)))
		failed = -1;
	if (!failed)
		failed = understand(conn, &run, err);
	PQfinish(conn);		/* its end undoes all */
	intents_free(&run.intents);
	arena_free(&run.arena);
	return failed;
}

/* ---- the command line ---- */

static const struct argp_option option_list[] = {
	{ "intents", OPT_INTENTS, "FILE", 0,
	  "Which command each intent is (tests/understand/intents.tsv)" },
	{ "now", OPT_NOW, "TIME", 0, "As if it were then (2026-11-22)" },
	{ "tables", OPT_TABLES, "DIR", 0, "With the tables in DIR instead of the active version" },
	CTL_JSON_OPTION,
	{ 0 }
};

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct request *r = state->input;

	switch (key) {
	case OPT_INTENTS: r->intents = arg; break;
	case OPT_NOW: r->now = arg; break;
	case OPT_TABLES: r->dir = arg; break;
	case 'j': r->json = true; break;
	case ARGP_KEY_ARG:
		if (r->file)
			argp_usage(state);
		r->file = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_list, take, "[FILE]",
	"How many of the texts in FILE are understood as they are meant, and whether any is done that "
	"should not be.\v"
	"FILE has one text a line: intent, arguments (comma-separated, - for none), text (\\n, \\t), "
	"with tabs between them. The sender is 13800138000. Nothing is changed. A text is done wrongly "
	"when a command that is no query changed something though the line means something else.",
	NULL, NULL, NULL
};

int understand_main(int argc, char **argv)
{
	struct request r = { .now = "2026-11-22" };
	struct err err = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	if (!r.file)
		r.file = ctl_datadir("../shared/texts/texts.tsv");
	if (!r.file)
		r.file = ctl_datadir("tests/understand/texts.tsv");
	if (!r.intents)
		r.intents = ctl_datadir("tests/understand/intents.tsv");
	return run_request(&r, &err) ? ctl_fail(argv[0], &err) : CTL_DONE;
}
