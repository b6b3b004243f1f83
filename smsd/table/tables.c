/* tables - see tables.h.  The life of a version: parsed, checked, bound, shared, released. */
#include "table/tables.h"

#include <stdlib.h>

#include "table/nearest.h"
#include "table/parse.h"
#include "table/pattern.h"

const char *risk_name(enum risk risk)
{
	static const char *const name[] = {
		[RISK_QUERY] = "query", [RISK_CHANGE] = "change", [RISK_CHARGE] = "charge",
		[RISK_MONEY] = "money", [RISK_IDENTITY] = "identity",
	};

	return name[risk];
}

const char *lang_name(enum lang lang)
{
	return lang == LANG_EN ? "en" : "zh";
}

enum lang lang_parse(struct str name)
{
	return str_eqz(name, "en") ? LANG_EN : LANG_ZH;
}

void *private_grow(struct arena *arena, void *list, unsigned n, size_t size)
{
	void *bigger;

	if (n & (n - 1))	/* there is room up to each power of two */
		return list;
	bigger = arena_alloc(arena, (n ? 2 * (size_t)n : 1) * size);
	if (n)
		memcpy(bigger, list, n * size);
	return bigger;
}

const char *private_shown(struct arena *arena, const char *wording)
{
	enum { SHOWN = 60 };
	char *out = arena_alloc(arena, strlen(wording) + sizeof("…")), *to = out;

	for (const char *p = wording; *p; p++) {
		if (to - out >= SHOWN && ((unsigned char)*p & 0xc0) != 0x80) {
			memcpy(to, "…", sizeof("…"));
			return out;
		}
		if (!strchr(" \t\n", *p))
			*to++ = *p;
		else if (to > out && to[-1] != ' ')
			*to++ = ' ';
	}
	return out;
}

struct place private_text_place(const struct tables *tables, const struct text2 *text, int lang,
				size_t offset)
{
	const struct tables_own *o = own(tables);
	struct place place = text->place[lang];

	for (unsigned i = 0; i < o->ntexts; i++)
		if (o->text[i].ptr == text->source[lang].ptr) {
			yaml_where(o->text[i].node, offset, &place.line, &place.column);
			break;
		}
	return place;
}

struct compiling {
	const struct tables *tables;
	const struct text2 *text;
	int lang;
	struct problems *problems;
};

static void template_error(void *arg, const struct template_error *error)
{
	struct compiling *c = arg;

	problem_add(c->problems, PROBLEM_ERROR,
		    private_text_place(c->tables, c->text, c->lang, error->offset), "%s",
		    error->text);
}

void private_compile(const struct tables *tables, struct arena *arena, struct text2 *text,
		     const char *const *names, unsigned n, struct problems *problems)
{
	struct compiling c = { tables, text, 0, problems };

	for (; c.lang < LANGS; c.lang++)
		if (text->source[c.lang].ptr)
			text->template[c.lang] = template_new(arena, text->source[c.lang], names, n,
							      template_error, &c);
}

struct tables *tables_parse(const struct source *source, unsigned n, struct problems *problems)
{
	struct tables_own *o = mem_alloc(sizeof(*o));

	o->tables.arena = arena_new();
	o->tables.refs = 1;
	o->patterns = map_new();
	for (unsigned i = 0; i < n; i++)
		parse_source(o, &source[i], problems);
	o->tables.matcher = matcher_new(&o->tables, problems);
	check_tables(o, n ? source[0].name : NULL, problems);
	problems_sort(problems);
	return &o->tables;
}

struct tables *tables_ref(struct tables *tables)
{
	if (tables)
		tables->refs++;
	return tables;
}

void tables_unref(struct tables **tables)
{
	struct tables_own *o = own(*tables);
	size_t cursor = 0;
	void *code;

	*tables = NULL;
	if (!o || --o->tables.refs > 0)
		return;
	matcher_free(&o->tables.matcher);
	nearest_index_free(&o->tables.nearest);
	while ((code = map_next(o->patterns, &cursor, NULL)))
		pattern_free(code);
	map_free(&o->patterns);
	arena_free(&o->tables.arena);
	free(o);
}

const struct outcome *command_outcome(const struct command *command, struct str name)
{
	for (unsigned i = 0; i < command->noutcomes; i++)
		if (str_eqz(name, command->outcome[i].name))
			return &command->outcome[i];
	return NULL;
}

int command_column(const struct command *command, const char *name)
{
	for (unsigned i = 0; i < command->ncolumns; i++)
		if (!strcmp(command->column[i], name))
			return (int)i;
	return -1;
}

bool command_has_secret(const struct command *command)
{
	for (unsigned k = 0; k < command->nargs; k++)
		if (command->arg[k].secret)
			return true;
	return false;
}

struct command *tables_find(const struct tables *tables, const char *table, struct str name)
{
	for (unsigned i = 0; i < tables->ncommands; i++) {
		struct command *command = tables->command[i];

		if (str_eqz(name, command->id) || (str_eqz(name, command->name) && !strcmp(command->table, table)))
			return command;
	}
	return NULL;
}

const char *const answer_names[ANSWER_VALUES] = {
	"msisdn", "now", "port", "within", [ANSWER_N] = "n", [ANSWER_WHAT] = "what", [ANSWER_TITLE] = "title",
	[ANSWER_NESTED] = "nested", [ANSWER_CODE] = "code", [ANSWER_LEFT] = "left", [ANSWER_UNTIL] = "until",
	[ANSWER_HOURS] = "hours", [ANSWER_ASK] = "ask", [ANSWER_NO] = "no",
};

const struct template *tables_answer(const struct tables *tables, const char *name, enum lang lang)
{
	for (unsigned i = 0; i < tables->nanswers; i++)
		if (!strcmp(tables->answer[i].name, name))
			return tables->answer[i].text.template[lang];
	return NULL;
}
