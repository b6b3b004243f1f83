/* examples - see examples.h. */
#include "ctl/examples.h"

#include "ctl/tryout.h"
#include "table/ask.h"
#include "table/verify.h"
#include "text/msisdn.h"

static const char sample_msisdn[] = "13800138000";

static bool holds(struct str text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* What it was taken for, in words. */
static const char *reached(struct arena *arena, const struct tryout *t)
{
	switch (t->match.kind) {
	case MATCH_USAGE:
		return arena_printf(arena, "the usage text of %s", t->match.command->id).ptr;
	case MATCH_COMMAND:
		return arena_printf(arena, "command %s", t->match.command->id).ptr;
	default:
		return "no command";
	}
}

static bool as_meant(const struct example *example, const struct tryout *t)
{
	const char *expect = example->expect ? example->expect : "";

	if (example->nanswers)		/* an answer may lead to another command */
		return true;
	if (strcmp(expect, "unknown") == 0 || strcmp(expect, "offer") == 0)
		return t->match.kind == MATCH_NONE;
	if (t->match.command != example->command)
		return false;
	return (strcmp(expect, "usage") == 0) == (t->match.kind == MATCH_USAGE);
}

static void judge(const struct example *example, const struct tryout *t, struct problems *problems)
{
	const char *id = example->command->id;

	if (!as_meant(example, t)) {
		problem_add(problems, PROBLEM_ERROR, example->place,
			    "example \"%s\" of %s reaches %s (change the wordings, or the "
			    "example's expect)",
			    example->text, id, reached(problems->arena, t));
	} else if (t->failed) {
		bool wrote = strcmp(t->sqlstate, "25006") == 0;

		problem_add(problems, PROBLEM_ERROR, example->place,
			    "example \"%s\" of %s fails: %s (SQLSTATE %s) (%s)", example->text, id,
			    t->error.text, t->sqlstate,
			    wrote ? "a command of risk query only reads; give it the risk that it has" :
				    "correct the SQL or the function that it calls");
	} else if (example->expect && !str_eqz(t->reply.outcome, example->expect) && !example->command->chat &&
		   !(strcmp(example->expect, "unknown") == 0 && str_eqz(t->reply.outcome, "offer"))) {
		problem_add(problems, PROBLEM_ERROR, example->place,
			    "example \"%s\" of %s answers outcome '%.*s', expected '%s': %.*s "
			    "(another expect, or another sample number with `from:`: what a number did in this "
			    "hall counts)",
			    example->text, id, STR_ARG(t->reply.outcome), example->expect,
			    STR_ARG(t->reply.text));
	} else if (example->says && !holds(t->reply.text, example->says)) {
		problem_add(problems, PROBLEM_ERROR, example->place,
			    "example \"%s\" of %s does not say \"%s\": %.*s (correct the reply or "
			    "`says:`)",
			    example->text, id, example->says, STR_ARG(t->reply.text));
	}
}

/* The text and its answers; what they do is undone. */
static int converse(struct tryout_input *in, const struct example *example, struct arena *arena, struct tryout *out_r, struct err *err)
{
	struct tryout_talk talk = { 0 };
	int failed;

	in->talk = example->nanswers ? &talk : NULL;
	if (in->talk && ask_do(in->conn, "SAVEPOINT example", err) != 0)
		return -1;
	failed = tryout_run(in, arena, out_r, err);
	for (unsigned k = 0; k < example->nanswers && !failed; k++) {
		in->text = str_z(example->answer[k]);
		failed = tryout_run(in, arena, out_r, err);
	}
	if (in->talk && !failed)
		failed = ask_do(in->conn, "ROLLBACK TO example", err) != 0 || ask_do(in->conn, "RELEASE example", err) != 0;
	return failed ? -1 : 0;
}

int examples_check(PGconn *conn, const struct tables *tables, const struct vocabulary *vocabulary,
		   struct problems *problems, struct err *err)
{
	struct arena *arena = arena_new();
	struct tryout_input in = {
		.conn = conn, .tables = tables, .vocabulary = vocabulary, .link = STR("example"),
	};
	int failed = tryout_now(conn, NULL, arena, &in.now, err);
	struct nearest_words *words = nearest_words_new(vocabulary);

	in.words = words;

	for (unsigned i = 0; i < tables->nexamples && !failed; i++) {
		const struct example *example = &tables->example[i];
		struct tryout out;

		in.text = str_z(example->text);
		in.anytime = !(example->expect && !strcmp(example->expect, "not_now"));
		struct msisdn from;

		failed = msisdn_parse(str_z(example->from ? example->from : sample_msisdn), &from,
				      err);
		if (failed)
			break;
		in.msisdn = str_z(from.text);
		in.port = verify_example_port(tables, example);
		failed = converse(&in, example, arena, &out, err);
		if (!failed)
			judge(example, &out, problems);
	}
	nearest_words_free(&words);
	arena_free(&arena);
	return failed;
}
