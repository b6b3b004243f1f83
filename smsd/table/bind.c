/* bind - tables_bind() of tables.h: what the database knows, put into the commands. */
#include "table/nearest.h"
#include "table/private.h"
#include "table/schema.h"

/* No name of a template can be this one. */
#define UNUSABLE "\1"

enum { FIXED = ANSWER_FIXED, FIXED_PLAIN = 3 };	/* within: of questions alone */
#define fixed_names answer_names

struct binder {
	struct tables *tables;
	struct problems *problems;
	struct arena *scratch;
	struct map *by_id;	/* to struct binding */
};

/* Two lists of names: those that may be used, for messages, and those by position, for the
 * renderer. */
struct names {
	const char **usable, **placed;
	unsigned nusable, nplaced;
};

static bool has_column(const struct command *command, const char *name)
{
	return command_column(command, name) >= 0;
}

static void add_name(struct names *names, const char *name, bool usable)
{
	names->placed[names->nplaced++] = usable ? name : UNUSABLE;
	if (usable)
		names->usable[names->nusable++] = name;
}

static struct names names_of(struct binder *b, const struct command *command, bool usage)
{
	unsigned most = command->ncolumns + command->nargs + FIXED;
	struct names names = {
		arena_alloc(b->scratch, most * sizeof(*names.usable)),
		arena_alloc(b->scratch, most * sizeof(*names.placed)), 0, 0,
	};

	for (unsigned i = 0; i < command->ncolumns; i++)
		add_name(&names, command->column[i], !usage);
	for (unsigned i = 0; i < command->nargs; i++) {
		const struct command_arg *arg = &command->arg[i];

		add_name(&names, arg->name,
			 !usage && !arg->secret && !has_column(command, arg->name));
	}
	for (unsigned i = 0; i < FIXED; i++)
		add_name(&names, fixed_names[i], (usage || !has_column(command, fixed_names[i])) &&
						 (i < FIXED_PLAIN || command->parent));
	return names;
}

static void compile(struct binder *b, struct text2 *text, const struct names *names)
{
	private_compile(b->tables, b->scratch, text, names->usable, names->nusable, b->problems);
	for (int lang = 0; lang < LANGS; lang++)
		if (text->template[lang])
			text->template[lang] =
				template_new(b->tables->arena, text->source[lang], names->placed,
					     names->nplaced, NULL, NULL);
}

static void quote(struct buf *out, const char *name)
{
	buf_char(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_char(out, '"');
		buf_char(out, *name);
	}
	buf_char(out, '"');
}

static const char *statement(struct binder *b, const struct command *command)
{
	struct buf out = { 0 };
	const char *text;

	buf_z(&out, "SELECT ");
	for (unsigned i = 0; i < command->ncolumns; i++) {
		if (i)
			buf_z(&out, ", ");
		quote(&out, command->column[i]);
	}
	buf_printf(&out, " FROM %s(", command->function);
	for (unsigned i = 0; i < command->nparams; i++)
		buf_printf(&out, "%s$%u", i ? ", " : "", i + 1);
	buf_printf(&out, ") LIMIT %u", command->rows);
	text = arena_z(b->tables->arena, buf_get(&out));
	buf_free(&out);
	return text;
}

/* $1 … are arrays of text, an element a text; n counts from 1. */
static const char *many_statement(struct binder *b, const struct command *command, const struct binding *binding)
{
	struct buf out = { 0 };
	const char *text;

	if (command->nparams == 0 || binding->nparams != command->nparams)
		return NULL;
	buf_z(&out, "SELECT ");
	for (unsigned i = 0; i < command->ncolumns; i++) {
		buf_z(&out, "r.");
		quote(&out, command->column[i]);
		buf_z(&out, ", ");
	}
	buf_z(&out, "t.n FROM unnest(");
	for (unsigned i = 0; i < command->nparams; i++)
		buf_printf(&out, "%s$%u::text[]", i ? ", " : "", i + 1);
	buf_z(&out, ") WITH ORDINALITY AS t (");
	for (unsigned i = 0; i < command->nparams; i++)
		buf_printf(&out, "p%u, ", i + 1);
	buf_printf(&out, "n), LATERAL (SELECT * FROM %s(", command->function);
	for (unsigned i = 0; i < command->nparams; i++)
		buf_printf(&out, "%st.p%u::%s", i ? ", " : "", i + 1, binding->param_type[i]);
	buf_printf(&out, ") LIMIT %u) AS r", command->rows);
	text = arena_z(b->tables->arena, buf_get(&out));
	buf_free(&out);
	return text;
}

/* Of a reminder: the statement that keeps its rows, all columns as one text, until they are worked off (hall.reminder_row);
 * behind its parameters comes the run. */
static const char *keep_statement(struct binder *b, const struct command *command)
{
	static const char *const ranks[] = { "otp", "service", "notice", "commercial" };
	unsigned rank = 0;
	struct buf out = { 0 };

	while (strcmp(ranks[rank], command->reminder->class) != 0)
		rank++;
	buf_printf(&out, "INSERT INTO hall.reminder_row (rank, run, n, cells) SELECT %u, $%u::uuid, row_number() OVER (), concat(",
		   rank + 1, command->nparams + 1);
	for (unsigned i = 0; i < command->ncolumns; i++) {
		buf_z(&out, i ? ", E'\\x1f', CASE WHEN r." : "CASE WHEN r.");
		quote(&out, command->column[i]);
		buf_z(&out, " IS NULL THEN E'\\x1e' ELSE translate(format('%s', r.");
		quote(&out, command->column[i]);
		buf_z(&out, "), E'\\x1e\\x1f', '') END");
	}
	buf_printf(&out, ") FROM %s(", command->function);
	for (unsigned i = 0; i < command->nparams; i++)
		buf_printf(&out, "%s$%u", i ? ", " : "", i + 1);
	buf_printf(&out, ") AS r LIMIT %u", command->rows);
	const char *text = arena_z(b->tables->arena, buf_get(&out));
	buf_free(&out);
	return text;
}

static void take_columns(struct binder *b, struct command *command, const struct binding *binding)
{
	struct arena *arena = b->tables->arena;

	command->function = arena_z(arena, str_z(binding->function));
	command->ncolumns = binding->ncolumns;
	command->column = arena_alloc(arena, binding->ncolumns * sizeof(*command->column));
	for (unsigned i = 0; i < binding->ncolumns; i++)
		command->column[i] = arena_z(arena, str_z(binding->column[i]));
	command->outcome_column = command_column(command, "outcome");
	command->lang_column = command_column(command, "reply_lang");
	command->price_column = command_column(command, "price_version");
	command->statement = statement(b, command);
	command->many = many_statement(b, command, binding);
	command->many_name = arena_printf(arena, "many %s", command->function).ptr;
	if (command->reminder)
		command->reminder->keep = keep_statement(b, command);
}

static void need_reply(struct binder *b, const struct command *command, const char *outcome,
		       const char *why)
{
	if (!command_outcome(command, str_z(outcome)))
		problem_add(b->problems, PROBLEM_ERROR, command->place,
			    "%s: no reply for the outcome '%s', %s (add it to reply)", command->id,
			    outcome, why);
}

static bool gives(const struct binding *binding, const char *outcome)
{
	for (unsigned i = 0; binding && i < binding->noutcomes; i++)
		if (!strcmp(binding->outcome[i], outcome))
			return true;
	return false;
}

/* A reply must be for one of these outcomes, for one of the question's, or for none. */
static void check_replies(struct binder *b, const struct command *command, const struct binding *quote,
			  const char *const *outcomes, unsigned n)
{
	const char *list = "it gives: ";

	for (unsigned i = 0; i < n; i++)
		list = arena_printf(b->scratch, "%s%s, ", list, outcomes[i]).ptr;
	list = arena_printf(b->scratch, "%snone", list).ptr;
	for (unsigned i = 0; i < command->noutcomes; i++) {
		struct str name = str_z(command->outcome[i].name);
		bool known = str_eqz(name, "none") || gives(quote, name.ptr);

		for (unsigned k = 0; k < n && !known; k++)
			known = str_eqz(name, outcomes[k]);
		if (!known)
			problem_add(b->problems, PROBLEM_ERROR, command->outcome[i].place,
				    "the outcome '%s' cannot come from the SQL%s", name.ptr,
				    schema_hint(b->scratch, schema_near(name, outcomes, n), list));
	}
}

static void check_outcomes(struct binder *b, const struct command *command, const struct binding *binding,
			   const struct binding *quote)
{
	static const char *const ok = "ok";

	if (command->outcome_column < 0) {
		need_reply(b, command, ok, "which a row means without a column 'outcome'");
		check_replies(b, command, quote, &ok, 1);
	} else if (binding->noutcomes) {
		for (unsigned i = 0; i < binding->noutcomes; i++)
			if (!(command->confirm && !strcmp(binding->outcome[i], "changed")))
				need_reply(b, command, binding->outcome[i], "which the SQL can give");
		check_replies(b, command, quote, binding->outcome, binding->noutcomes);
	}
	/* A function whose outcome is an enum answers always, by our rule for hall_api. */
	if (command->outcome_column < 0 || !binding->noutcomes)
		need_reply(b, command, "none", "which no row means");
}

/* The question's outcomes: ok asks, the others are answered as the command answers them. */
static void quote_outcomes(struct binder *b, struct command *quote, const struct binding *binding)
{
	const struct command *parent = quote->parent;

	if (!gives(binding, "ok")) {
		problem_add(b->problems, PROBLEM_ERROR, quote->place,
			    "confirm.sql of %s must give a column 'outcome' of an enum type that has 'ok' (which asks)",
			    parent->id);
		return;
	}
	quote->outcome = arena_alloc(b->tables->arena, binding->noutcomes * sizeof(*quote->outcome));
	for (unsigned i = 0; i < binding->noutcomes; i++) {
		const struct outcome *reply = command_outcome(parent, str_z(binding->outcome[i]));
		struct outcome *o = &quote->outcome[quote->noutcomes];

		if (!strcmp(binding->outcome[i], "ok")) {
			o->name = "ok";
			o->text = parent->confirm->ask;
		} else if (reply) {
			o->name = reply->name;
			o->text = reply->text;
			memset(o->text.template, 0, sizeof(o->text.template));
		} else {
			need_reply(b, parent, binding->outcome[i], "which confirm.sql can give");
			continue;
		}
		quote->noutcomes++;
	}
}

/* What the main SQL binds of the question's columns. */
static void bind_asked(struct binder *b, struct command *command, const struct binding *quote)
{
	for (unsigned i = 0; i < command->nparams; i++) {
		struct command_param *p = &command->param[i];
		unsigned k = 0;

		if (p->source != PARAM_ASKED)
			continue;
		while (quote && k < quote->ncolumns && strcmp(quote->column[k], p->name) != 0)
			k++;
		if (!quote || k == quote->ncolumns)
			problem_add(b->problems, PROBLEM_ERROR, command->sql_place,
				    "unknown parameter ':%s' of %s (there are msisdn, mo_id, now, lang, port, link, the "
				    "arguments and the columns of confirm.sql)", p->name, command->id);
		p->arg = k;
	}
}

static void need_column(struct binder *b, const struct command *command, struct place place, const char *key, const char *name)
{
	if (!has_column(command, name))
		problem_add(b->problems, PROBLEM_ERROR, place, "%s of %s names '%s', which is no column of its SQL%s", key, command->id,
			    name, schema_hint(b->scratch, schema_near(str_z(name), command->column, command->ncolumns), "add it"));
}

static void check_reminder(struct binder *b, const struct command *command)
{
	const struct reminder *r = command->reminder;

	if (!has_column(command, "msisdn"))
		problem_add(b->problems, PROBLEM_ERROR, command->sql_place,
			    "the SQL of the reminder %s gives no column msisdn: to whom it is sent (add it)", command->id);
	for (unsigned i = 0; i < r->nonce; i++)
		need_column(b, command, r->place, "once_per", r->once[i]);
	if (r->steers_column && r->steers)
		need_column(b, command, r->steers_place, "steers", r->steers);
	for (unsigned i = 0; command->opens && i < command->opens->nwith; i++)
		need_column(b, command, command->opens->with[i].place, "opens", command->opens->with[i].value);
}

static void bind_command(struct binder *b, struct command *command, const struct binding *binding)
{
	const struct binding *quote = NULL;
	struct names names;

	if (command->confirm)
		quote = map_get(b->by_id, str_z(command->confirm->quote->id));
	take_columns(b, command, binding);
	if (command->parent)
		quote_outcomes(b, command, binding);
	else if (!command->reminder)
		check_outcomes(b, command, binding, quote);
	bind_asked(b, command, quote);
	if (command->reminder)
		check_reminder(b, command);
	names = names_of(b, command, false);
	for (unsigned i = 0; i < command->noutcomes; i++)
		if (!quote || !binding->noutcomes || gives(binding, command->outcome[i].name))
			compile(b, &command->outcome[i].text, &names);
	names = names_of(b, command, true);
	compile(b, &command->usage, &names);
	arena_reset(b->scratch);
}

void tables_bind(struct tables *tables, const struct binding *binding, unsigned n,
		 struct problems *problems)
{
	struct binder b = { tables, problems, arena_new(), map_new() };
	bool told = problems->errors > 0;	/* why some commands have no function */

	for (unsigned i = 0; i < n; i++)
		map_put(b.by_id, str_z(binding[i].command), (void *)&binding[i]);
	for (unsigned i = 0; i < tables->ncommands; i++) {
		struct command *command = tables->command[i];
		const struct binding *found = map_get(b.by_id, str_z(command->id));

		if (found)
			bind_command(&b, command, found);
		else if (!told && !command->nchoices)
			problem_add(problems, PROBLEM_ERROR, command->place,
				    "%s has no function in the database (check and apply the tables"
				    " again)", command->id);
	}
	map_free(&b.by_id);
	arena_free(&b.scratch);
	if (!problems->errors && !tables->nearest)
		tables->nearest = nearest_index_new(tables);
	problems_sort(problems);
}
