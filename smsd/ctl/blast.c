/* blast - `smsctl blast`: one message to many, from a draft to its report (blast.h). */
#include "ctl/blast.h"

#include <argp.h>
#include <stdlib.h>

#include "base/conf.h"
#include "ctl/ctl.h"
#include "table/ask.h"
#include "text/moment.h"

/* ---- what the functions answer ---- */

static const char *remedy(const char *outcome)
{
	static const struct { const char *outcome, *remedy; } known[] = {
		{ "no_such_blast", "smsctl blast list shows them" },
		{ "name_taken", "choose another name, or change that one with smsctl blast edit" },
		{ "forbidden", "who administers the database grants hall_author and hall_approver" },
		{ "own", "ask another approver" },
		{ "wrong_state", "smsctl blast show tells how it stands" },
		{ "bad_value", "correct it, and try again" },
		{ "incomplete", "smsctl blast edit adds what is missing" },
		{ "changed", "smsctl blast show and preview tell what it is now" },
		{ "too_late", "smsctl blast edit --until gives it another end" },
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].outcome, outcome) == 0)
			return known[i].remedy;
	return "nothing was changed";
}

static int refused(struct desk *desk, const char *outcome, const json_t *detail, struct err *err)
{
	const char *field = blast_get(desk, detail, "field"), *why = blast_get(desk, detail, "why");

	return err_set(err, ERR_INPUT, "%s%s%s (%s)", field, *field ? ": " : "", *why ? why : outcome,
		       remedy(outcome));
}

int blast_call(struct desk *desk, enum query query, unsigned n, const char *const *param,
	       json_t **detail_r, const char **outcome_r, struct err *err)
{
	const char *all[9] = { desk->who };

	for (unsigned i = 0; i < n; i++)
		all[i + 1] = param[i];
	*detail_r = NULL;
	PGresult *res = ask(desk->conn, query, n + 1, all, err);
	if (!res)
		return strstr(err->text, "permission denied") ?
		       err_set(err, ERR_PERM, "that is not for you (%s)", remedy("forbidden")) : -1;
	const char *outcome = arena_z(desk->arena, ask_value(res, 0, 0));
	*detail_r = json_loads(PQgetvalue(res, 0, 1), JSON_ALLOW_NUL, NULL);
	PQclear(res);
	if (strcmp(outcome, "ok") == 0)
		return 0;
	refused(desk, outcome, *detail_r, err);
	if (outcome_r) {
		*outcome_r = outcome;
	} else {
		json_decref(*detail_r);
		*detail_r = NULL;
	}
	return -1;
}

const char *blast_get(struct desk *desk, const json_t *detail, const char *key)
{
	const json_t *value = json_object_get(detail, key);

	if (json_is_string(value))
		return arena_z(desk->arena, str_z(json_string_value(value)));
	if (!value || json_is_null(value))
		return "";
	if (json_is_object(value) || json_is_array(value)) {
		char *text = json_dumps(value, JSON_COMPACT);
		const char *kept = arena_z(desk->arena, str_z(text));

		free(text);
		return kept;
	}
	if (json_is_integer(value))
		return arena_printf(desk->arena, "%lld", (long long)json_integer_value(value)).ptr;
	if (json_is_real(value))
		return arena_printf(desk->arena, "%.3g", json_real_value(value)).ptr;
	return json_is_true(value) ? "t" : "f";
}

long long blast_number(const json_t *detail, const char *key)
{
	const json_t *value = json_object_get(detail, key);

	return json_is_real(value) ? (long long)json_real_value(value) : json_integer_value(value);
}

void blast_print_json(const json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
	putchar('\n');
}

const char *blast_thousands(struct desk *desk, long long n)
{
	char digits[24];
	struct buf out = { 0 };
	int len = snprintf(digits, sizeof(digits), "%lld", n);

	for (int i = 0; i < len; i++) {
		if (i && digits[i - 1] != '-' && (len - i) % 3 == 0)
			buf_char(&out, ',');
		buf_char(&out, digits[i]);
	}
	const char *kept = arena_z(desk->arena, buf_get(&out));
	buf_free(&out);
	return kept;
}

const char *blast_time(struct desk *desk, const char *json_time)
{
	struct moment m;
	char *text = arena_z(desk->arena, str_z(json_time));

	if (!*text)
		return "-";
	if (strlen(text) > 10 && text[10] == 'T')
		text[10] = ' ';
	if (!moment_parse(str_z(text), &m) || m.hour < 0)
		return text;
	return arena_printf(desk->arena, "%04d-%02d-%02d %02d:%02d", m.year, m.month, m.day, m.hour, m.minute).ptr;
}

bool blast_conf(struct conf *conf)
{
	char *problems = NULL;
	size_t size;
	FILE *errors = open_memstream(&problems, &size);

	int failed = conf_read(ctl_conf_file(), conf, errors, NULL);
	fclose(errors);
	free(problems);
	return !failed;
}

/* ---- subcommands that are a call ---- */

/* detail, or what became of it in a line. */
static int done(struct desk *desk, json_t *detail, const char *line)
{
	if (desk->args->json)
		blast_print_json(detail);
	else
		puts(line);
	json_decref(detail);
	return 0;
}

static int approve(struct desk *desk, struct err *err)
{
	const char *hash = desk->args->hash;
	json_t *detail;

	if (hash) {	/* its beginning is enough */
		if (strlen(hash) < 8)
			return err_set(err, ERR_INPUT, "--hash wants at least 8 characters (smsctl blast show)");
		if (blast_call(desk, Q_CTL_BLAST_SHOW, 1, &desk->blast, &detail, NULL, err) < 0)
			return -1;
		const char *whole = blast_get(desk, detail, "content_hash");
		if (str_starts(str_z(whole), str_z(hash)))
			hash = whole;
		json_decref(detail);
	}
	if (blast_call(desk, Q_CTL_BLAST_APPROVE, 2, (const char *[]){ desk->blast, hash }, &detail, NULL, err) < 0)
		return -1;
	return done(desk, detail, arena_printf(desk->arena, "%s is approved; it goes when it is started: smsctl blast "
					       "start %s", desk->blast, desk->blast).ptr);
}

static int reject(struct desk *desk, struct err *err)
{
	json_t *detail;

	if (!desk->args->why)
		return err_set(err, ERR_INPUT, "say why: --why TEXT");
	if (blast_call(desk, Q_CTL_BLAST_REJECT, 2, (const char *[]){ desk->blast, desk->args->why }, &detail, NULL,
		       err) < 0)
		return -1;
	return done(desk, detail, arena_printf(desk->arena, "%s is a draft again", desk->blast).ptr);
}

int blast_moment(struct desk *desk, const char *option, const char **time, struct err *err)
{
	struct err said;

	if (!*time || !**time)
		return 0;
	PGresult *res = ask(desk->conn, Q_CTL_BLAST_TIME, 1, time, &said);
	if (!res)
		return err_set(err, ERR_INPUT, "%s \"%s\" is no time (write \"2026-11-22 09:00\", in China, or +2h)", option,
			       *time);
	*time = arena_z(desk->arena, ask_value(res, 0, 0));
	PQclear(res);
	return 0;
}

static int start(struct desk *desk, struct err *err)
{
	const char *at = desk->args->at;
	json_t *detail;

	if (blast_moment(desk, "--at", &at, err) < 0)
		return -1;
	if (blast_call(desk, Q_CTL_BLAST_START, 2, (const char *[]){ desk->blast, at }, &detail, NULL, err) < 0)
		return -1;
	bool running = strcmp(blast_get(desk, detail, "state"), "running") == 0;
	const char *when = blast_time(desk, blast_get(desk, detail, "starts_at"));
	return done(desk, detail, running ?
		    arena_printf(desk->arena, "%s runs (smsctl blast watch %s)", desk->blast, desk->blast).ptr :
		    arena_printf(desk->arena, "%s is to begin at %s", desk->blast, when).ptr);
}

static int schedule(struct desk *desk, struct err *err)
{
	if (!desk->args->at)
		return err_set(err, ERR_INPUT, "when?  --at \"2026-11-22 09:00\", in China, or --at +2h");
	return start(desk, err);
}

static int pause_it(struct desk *desk, struct err *err)
{
	json_t *detail;

	if (blast_call(desk, Q_CTL_BLAST_PAUSE, 2, (const char *[]){ desk->blast, desk->args->why }, &detail, NULL,
		       err) < 0)
		return -1;
	return done(desk, detail, arena_printf(desk->arena, "%s pauses; what the gateway has already still goes "
					       "(smsctl blast resume %s)", desk->blast, desk->blast).ptr);
}

static int resume(struct desk *desk, struct err *err)
{
	json_t *detail;

	if (blast_call(desk, Q_CTL_BLAST_RESUME, 1, &desk->blast, &detail, NULL, err) < 0)
		return -1;
	return done(desk, detail, arena_printf(desk->arena, "%s runs again", desk->blast).ptr);
}

static int cancel(struct desk *desk, struct err *err)
{
	json_t *detail;

	if (blast_call(desk, Q_CTL_BLAST_CANCEL, 2, (const char *[]){ desk->blast, desk->args->why }, &detail, NULL,
		       err) < 0)
		return -1;
	return done(desk, detail, arena_printf(desk->arena, "%s is cancelled for ever; what the gateway has already "
					       "still goes", desk->blast).ptr);
}

static int rate(struct desk *desk, struct err *err)
{
	const char *to = desk->args->nwords > 2 ? desk->args->word[2] : "";
	json_t *detail;

	bool none = strcmp(to, "none") == 0;
	if (!none && (!str_digits(str_z(to)) || strlen(to) > 6))
		return err_set(err, ERR_INPUT, "\"%s\" is no rate (messages a second, or none for what the links give)",
			       to);
	if (blast_call(desk, Q_CTL_BLAST_RATE, 2, (const char *[]){ desk->blast, none ? NULL : to }, &detail, NULL,
		       err) < 0)
		return -1;
	return done(desk, detail, arena_printf(desk->arena, none ? "%s goes as fast as the links give%s" :
					       "%s sends at most %s messages a second", desk->blast,
					       none ? "" : to).ptr);
}

/* ---- command line ---- */

static const struct {
	const char *name;
	unsigned least, most;	/* words behind the subcommand */
	int (*run)(struct desk *desk, struct err *err);
} subcommands[] = {
	{ "new", 1, 1, blast_make_new },
	{ "edit", 1, 1, blast_make_edit },
	{ "preview", 1, 1, blast_preview },
	{ "test", 1, BLAST_WORDS_MAX - 1, blast_test },
	{ "submit", 1, 1, blast_make_submit },
	{ "approve", 1, 1, approve },
	{ "reject", 1, 1, reject },
	{ "start", 1, 1, start },
	{ "schedule", 1, 1, schedule },
	{ "pause", 1, 1, pause_it },
	{ "resume", 1, 1, resume },
	{ "cancel", 1, 1, cancel },
	{ "rate", 2, 2, rate },
	{ "watch", 1, 1, blast_watch },
	{ "report", 1, 1, blast_report },
	{ "export", 1, 1, blast_export },
	{ "list", 0, 0, blast_list },
	{ "show", 1, 1, blast_show },
	{ "log", 1, 1, blast_log },
};
enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(*subcommands) };

enum {
	OPT_AS = 256, OPT_CLASS, OPT_ZH, OPT_EN, OPT_TEXTS, OPT_AB, OPT_CSV, OPT_SEGMENT, OPT_ERRORS, OPT_CONTROL,
	OPT_SPREAD, OPT_RATE, OPT_FROM, OPT_UNTIL, OPT_PORT, OPT_OVER_CAP, OPT_STEERS, OPT_NOTE, OPT_HASH, OPT_WHY,
	OPT_AT, OPT_PRICE, OPT_NOW, OPT_STATE, OPT_SAMPLE, OPT_INTERVAL, OPT_KEEP, OPT_REFUSE, OPT_ADD, OPT_ALL, OPT_WHOLE,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What it says and how it goes (new, edit):", 1 },
	{ "class", OPT_CLASS, "CLASS", 0, "service, notice, commercial or otp: decides hours, caps, consent", 0 },
	{ "text-zh", OPT_ZH, "FILE", 0, "The text in Chinese, {{column}} where the list has a column", 0 },
	{ "text-en", OPT_EN, "FILE", 0, "The text in English", 0 },
	{ "texts", OPT_TEXTS, "FILE", 0, "Both in a file of YAML: {zh, en}, or several variants", 0 },
	{ "ab", OPT_AB, "A=FILE:50,B=FILE:50", 0, "Variants to compare: a file of YAML and a share each", 0 },
	{ "control", OPT_CONTROL, "PERCENT", 0, "That many of the list are never sent it, to compare with", 0 },
	{ "steers", OPT_STEERS, "CHANNEL", 0, "The channel whose first use the report measures", 0 },
	{ "rate", OPT_RATE, "N", 0, "Messages a second at most; also preview", 0 },
	{ "spread", OPT_SPREAD, "TIME", 0, "Evenly over so long: 3d, 6h", 0 },
	{ "from", OPT_FROM, "TIME", 0, "Not before", 0 },
	{ "until", OPT_UNTIL, "TIME", 0, "What did not go by then never goes", 0 },
	{ "port", OPT_PORT, "PORT", 0, "An extension of the class's port", 0 },
	{ "over-cap", OPT_OVER_CAP, "hold|drop", 0, "Who had his share of such messages: later (default), or never", 0 },
	{ "note", OPT_NOTE, "TEXT", 0, "For whoever reads it", 0 },
	{ NULL, 0, NULL, 0, "Who gets it (new, edit):", 2 },
	{ "csv", OPT_CSV, "FILE", 0, "A list: its first line names the columns, msisdn among them", 0 },
	{ "segment", OPT_SEGMENT, "FILE", 0, "A SELECT over the views of the schema segment", 0 },
	{ "refuse-bad", OPT_REFUSE, NULL, 0, "One bad row and none is taken (default)", 0 },
	{ "keep-good", OPT_KEEP, NULL, 0, "Take the good rows, report the bad", 0 },
	{ "errors", OPT_ERRORS, "FILE", 0, "All bad rows, as CSV", 0 },
	{ "add", OPT_ADD, NULL, 0, "edit: add to the list instead of replacing it", 0 },
	{ NULL, 0, NULL, 0, "The others:", 3 },
	{ "hash", OPT_HASH, "HASH", 0, "approve: of what was looked at; its beginning is enough", 0 },
	{ "why", OPT_WHY, "TEXT", 0, "reject, pause, cancel: kept in the log", 0 },
	{ "at", OPT_AT, "TIME", 0, "start, schedule: \"2026-11-22 09:00\", in China, or +2h", 0 },
	{ "now", OPT_NOW, "TIME", 0, "preview: as if it were that time", 0 },
	{ "price", OPT_PRICE, "YUAN", 0, "preview: of a segment", 0 },
	{ "sample", OPT_SAMPLE, "N", 0, "preview: so many messages are shown (default 5)", 0 },
	{ "all", OPT_ALL, NULL, 0, "preview: look at every recipient, not at 100000 of them", 0 },
	{ "state", OPT_STATE, "STATE", 0, "list: only those", 0 },
	{ "interval", OPT_INTERVAL, "SECONDS", 0, "watch: how often it looks (default 1)", 0 },
	{ "whole", OPT_WHOLE, NULL, 0, "export: whole numbers, for who may see them", 0 },
	{ "as", OPT_AS, "NAME", 0, "In whose name: only a superuser may act in another's", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

/* Where an option's value goes. */
static const char **place(struct blast_args *a, int key)
{
	const char **places[] = {
		&a->as, &a->class, &a->zh, &a->en, &a->texts, &a->ab, &a->csv, &a->segment, &a->errors, &a->control,
		&a->spread, &a->rate, &a->from, &a->until, &a->port, &a->over_cap, &a->steers, &a->note, &a->hash,
		&a->why, &a->at, &a->price, &a->now, &a->state, &a->sample, &a->interval,
	};

	return key >= OPT_AS && key <= OPT_INTERVAL ? places[key - OPT_AS] : NULL;
}

/* What cannot be meant together. */
static void agree(const struct blast_args *a, struct argp_state *state)
{
	unsigned ways = (a->zh || a->en) + (a->texts != NULL) + (a->ab != NULL);

	if (ways > 1)
		argp_error(state, "--text-zh with --text-en, --texts or --ab: one of them");
	if (!a->zh != !a->en)
		argp_error(state, "both languages are needed: --text-%s too", a->zh ? "en" : "zh");
	if (a->csv && a->segment)
		argp_error(state, "--csv or --segment: one of them");
	if (a->add && !a->csv && !a->segment)
		argp_error(state, "--add what?  --csv FILE or --segment FILE");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct blast_args *args = state->input;
	const char **value = place(args, key);

	if (value) {
		*value = arg;
		return 0;
	}
	switch (key) {
	case OPT_KEEP:
		args->keep_good = true;
		return 0;
	case OPT_REFUSE:
		args->keep_good = false;
		return 0;
	case OPT_ADD:
		args->add = true;
		return 0;
	case OPT_ALL:
		args->all = true;
		return 0;
	case OPT_WHOLE:
		args->whole = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->nwords >= BLAST_WORDS_MAX)
			argp_error(state, "\"%s\" is one word too many", arg);
		args->word[args->nwords++] = arg;
		return 0;
	case ARGP_KEY_END:
		agree(args, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options, parse,
	"new NAME --class CLASS\nedit NAME\npreview NAME\ntest NAME [NUMBER...]\nsubmit NAME\napprove NAME\n"
	"reject NAME --why TEXT\nstart NAME [--at TIME]\nschedule NAME --at TIME\npause NAME\nresume NAME\ncancel NAME\n"
	"rate NAME N|none\nwatch NAME\nreport NAME\nexport NAME\nlist\nshow NAME\nlog NAME",
	"One message to many: written by one, approved by another, sent behind the door that keeps hours, caps and "
	"consent.\v"
	"Times are in China unless they name their zone.  Every change is logged with who made it.",
	NULL, NULL, NULL,
};

static int find(const struct blast_args *args)
{
	for (unsigned i = 0; args->nwords && i < SUBCOMMANDS; i++)
		if (strcmp(args->word[0], subcommands[i].name) == 0 && args->nwords - 1 >= subcommands[i].least &&
		    args->nwords - 1 <= subcommands[i].most)
			return (int)i;
	return -1;
}

/* In whose name: as the functions want it. */
static int set_up(struct desk *desk, struct err *err)
{
	const char *param[] = { desk->args->as, ctl_who() };

	desk->blast = desk->args->nwords > 1 ? desk->args->word[1] : NULL;
	desk->conn = ctl_connect(err);
	if (!desk->conn || ask_do(desk->conn, "SET TimeZone = 'Asia/Shanghai'", err) < 0)
		return -1;
	PGresult *res = ask(desk->conn, Q_CTL_BLAST_WHO, 2, param, err);
	if (!res)
		return -1;
	desk->who = PQgetisnull(res, 0, 0) ? NULL : arena_z(desk->arena, ask_value(res, 0, 0));
	PQclear(res);
	return 0;
}

int blast_main(int argc, char **argv)
{
	struct blast_args args = { 0 };
	struct desk desk = { .arena = arena_new(), .args = &args };
	struct err err = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	int which = find(&args);
	if (which < 0) {
		argp_help(&argp, stderr, ARGP_HELP_USAGE | ARGP_HELP_SEE, argv[0]);
		arena_free(&desk.arena);
		return CTL_USAGE;
	}
	int status = set_up(&desk, &err) < 0 || subcommands[which].run(&desk, &err) < 0 ? CTL_FAILED : CTL_DONE;
	if (status != CTL_DONE)
		ctl_fail(argv[0], &err);
	PQfinish(desk.conn);
	arena_free(&desk.arena);
	return status;
}
