/* intents - see intents.h. */
#include "ctl/intents.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"

enum { ITEMS_MAX = 16 };

struct intent {
	struct str name;
	unsigned line, ncommands, nargs;
	struct str command[ITEMS_MAX], arg[ITEMS_MAX];
};

struct intents {
	struct arena *arena;
	const char *file;
	struct map *by_name;
};

/* The next field of a line of tab-separated ones. */
static struct str field(struct str *rest)
{
	const char *tab = rest->len ? memchr(rest->ptr, '\t', rest->len) : NULL;
	struct str f = { rest->ptr, tab ? (size_t)(tab - rest->ptr) : rest->len };

	str_skip(rest, tab ? f.len + 1 : f.len);
	return f;
}

/* Items between commas; "-" is none. */
static unsigned split(struct str list, struct str *out)
{
	unsigned n = 0;

	if (str_eq(list, STR("-")))
		return 0;
	while (list.len && n < ITEMS_MAX) {
		const char *comma = memchr(list.ptr, ',', list.len);
		size_t len = comma ? (size_t)(comma - list.ptr) : list.len;

		out[n++] = str_trim(str_n(list.ptr, len));
		str_skip(&list, comma ? len + 1 : len);
	}
	return n;
}

static int take_line(struct intents *t, struct str line, unsigned number, struct err *err)
{
	struct intent *intent = arena_alloc(t->arena, sizeof(*intent));

	line = arena_str(t->arena, line);
	intent->line = number;
	intent->name = field(&line);
	intent->ncommands = split(field(&line), intent->command);
	intent->nargs = split(field(&line), intent->arg);
	if (map_put(t->by_name, intent->name, intent))
		return err_set(err, ERR_INPUT,
			       "%s:%u: intent %.*s stands here a second time (one line an intent)",
			       t->file, number, STR_ARG(intent->name));
	return 0;
}

int intents_read(const char *file, struct intents **out_r, struct err *err)
{
	FILE *in = fopen(file, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int failed = 0;

	if (!in)
		return err_set(err, ERR_INPUT, "%s: %s (--intents names another)", file,
			       strerror(errno));
	struct intents *t = mem_alloc(sizeof(*t));
	*t = (struct intents){ .arena = arena_new(), .by_name = map_new() };
	t->file = arena_z(t->arena, str_z(file));
	for (unsigned number = 1; !failed && (n = getline(&line, &room, in)) >= 0; number++) {
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		if (n && *line != '#')
			failed = take_line(t, str_n(line, n), number, err);
	}
	free(line);
	fclose(in);
	if (failed)
		intents_free(&t);
	*out_r = t;
	return failed;
}

void intents_free(struct intents **intents)
{
	if (!*intents)
		return;
	map_free(&(*intents)->by_name);
	arena_free(&(*intents)->arena);
	free(*intents);
	*intents = NULL;
}

static struct str command_part(struct str entry)
{
	const char *colon = memchr(entry.ptr, ':', entry.len);

	return colon ? str_n(entry.ptr, colon - entry.ptr) : entry;
}

static int arg_index(const struct command *command, struct str name)
{
	for (unsigned i = 0; i < command->nargs; i++)
		if (str_eqz(name, command->arg[i].name))
			return i;
	return -1;
}

static int check_intent(const struct intents *t, const struct intent *intent,
			const struct tables *tables, struct err *err)
{
	for (unsigned i = 0; i < intent->ncommands; i++) {
		struct str id = command_part(intent->command[i]);
		const struct command *command = NULL;

		for (unsigned k = 0; k < tables->ncommands && !command; k++)
			if (str_eqz(id, tables->command[k]->id))
				command = tables->command[k];
		if (!command)
			return err_set(err, ERR_INPUT,
				       "%s:%u: there is no command %.*s in the tables", t->file,
				       intent->line, STR_ARG(id));
		for (unsigned k = 0; k < intent->nargs; k++)
			if (arg_index(command, intent->arg[k]) < 0)
				return err_set(err, ERR_INPUT,
					       "%s:%u: command %s has no argument %.*s", t->file,
					       intent->line, command->id, STR_ARG(intent->arg[k]));
	}
	return 0;
}

int intents_check(const struct intents *intents, const struct tables *tables, struct err *err)
{
	const struct intent *intent;
	size_t cursor = 0;

	while ((intent = map_next(intents->by_name, &cursor, NULL)))
		if (check_intent(intents, intent, tables, err) != 0)
			return -1;
	return 0;
}

bool intents_has(const struct intents *intents, struct str intent)
{
	return map_get(intents->by_name, intent) != NULL;
}

bool intents_reached(const struct intents *intents, struct str intent,
		     const struct command *command, struct str outcome)
{
	const struct intent *t = map_get(intents->by_name, intent);

	for (unsigned i = 0; t && i < t->ncommands; i++) {
		struct str id = command_part(t->command[i]), rest = t->command[i];

		if (!str_eqz(id, command->id))
			continue;
		str_skip(&rest, id.len);
		if (!rest.len || str_eq(str_n(rest.ptr + 1, rest.len - 1), outcome))
			return true;
	}
	return false;
}

/* 202609 and 2026-09-01 */
static bool same_month(struct str meant, struct str got)
{
	return meant.len == 6 && str_digits(meant) && got.len == 10 &&
	       memcmp(meant.ptr, got.ptr, 4) == 0 && got.ptr[4] == '-' &&
	       memcmp(meant.ptr + 4, got.ptr + 5, 2) == 0;
}

static bool same_value(struct arena *arena, const struct command_arg *arg, struct str meant,
		       struct str got)
{
	if (str_eq(meant, got))
		return true;
	if (strcmp(arg->kind_name, "month") == 0)
		return same_month(meant, got);
	if (strcmp(arg->kind_name, "money") != 0)
		return false;
	char *end_meant, *end_got;
	double a = strtod(arena_z(arena, meant), &end_meant),
	       b = strtod(arena_z(arena, got), &end_got);
	return !*end_meant && !*end_got && a == b;
}

static bool is_month_of(const struct command_arg *arg, struct str got, struct str now)
{
	return strcmp(arg->kind_name, "month") == 0 && got.len == 10 && now.len >= 7 &&
	       memcmp(got.ptr, now.ptr, 7) == 0;
}

bool intents_same_args(const struct intents *intents, struct str intent, const struct match *match,
		       struct str args, struct str now)
{
	const struct intent *t = map_get(intents->by_name, intent);
	struct str meant[ITEMS_MAX];
	unsigned n = split(args, meant);
	struct arena *arena = arena_new();
	bool same = t && n <= t->nargs;

	for (unsigned i = 0; same && i < t->nargs; i++) {
		int at = arg_index(match->command, t->arg[i]);
		struct str got = at < 0 ? (struct str){ 0 } : match->arg[at];

		if (at < 0)
			same = false;
		else if (i < n)
			same = got.ptr &&
			       same_value(arena, &match->command->arg[at], meant[i], got);
		else
			same = !got.ptr || is_month_of(&match->command->arg[at], got, now);
	}
	arena_free(&arena);
	return same;
}
