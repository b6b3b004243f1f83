/* dialogue - see dialogue.h. */
#include "flow/dialogue.h"

#include <stdio.h>

static const char *const kinds[DIALOGUE_KINDS] = {
	[DIALOGUE_CONFIRM] = "confirm", [DIALOGUE_MENU] = "menu", [DIALOGUE_STEP] = "step",
	[DIALOGUE_PASSWORD] = "password", [DIALOGUE_OTP] = "otp", [DIALOGUE_OPENS] = "opens", [DIALOGUE_OFFER] = "offer",
	[DIALOGUE_WHICH] = "which",
};

const char *dialogue_kind_name(enum dialogue_kind kind)
{
	return kinds[kind];
}

int dialogue_kind_parse(struct str name)
{
	for (int i = 0; i < DIALOGUE_KINDS; i++)
		if (str_eqz(name, kinds[i]))
			return i;
	return -1;
}

struct str slots_get(const struct slots *slots, const char *prefix, const char *name)
{
	size_t n = strlen(prefix);

	for (unsigned i = 0; slots && i < slots->n; i++) {
		struct str s = slots->slot[i].name;

		if (str_starts(s, str_n(prefix, n)) && str_eqz(str_n(s.ptr + n, s.len - n), name))
			return slots->slot[i].value;
	}
	return (struct str){ 0 };
}

void slots_put(struct slots *slots, struct arena *arena, const char *prefix, const char *name, struct str value)
{
	struct slot *bigger;

	if (!value.ptr)
		return;
	bigger = arena_alloc(arena, (slots->n + 1) * sizeof(*bigger));
	if (slots->n)
		memcpy(bigger, slots->slot, slots->n * sizeof(*bigger));
	bigger[slots->n].name = arena_printf(arena, "%s%s", prefix, name);
	bigger[slots->n].value = arena_str(arena, value);
	slots->slot = bigger;
	slots->n++;
}

struct str slots_number(const struct slots *slots, const char *prefix, unsigned n)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", n);
	return slots_get(slots, prefix, name);
}

void slots_put_number(struct slots *slots, struct arena *arena, const char *prefix, unsigned n, struct str value)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", n);
	slots_put(slots, arena, prefix, name, value);
}

/* Text of SQL and of customers holds no NUL. */
struct str slots_encode(const struct slots *slots, struct arena *arena)
{
	struct buf out = { 0 };

	for (unsigned i = 0; i < slots->n; i++) {
		buf_str(&out, slots->slot[i].name);
		buf_char(&out, '\0');
		buf_str(&out, slots->slot[i].value);
		buf_char(&out, '\0');
	}
	struct str bytes = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return bytes;
}

static bool take_z(struct str *bytes, struct str *out_r)
{
	const char *end = bytes->len ? memchr(bytes->ptr, '\0', bytes->len) : NULL;

	if (!end)
		return false;
	*out_r = str_n(bytes->ptr, end - bytes->ptr);
	str_skip(bytes, out_r->len + 1);
	return true;
}

struct slots slots_decode(struct arena *arena, struct str bytes)
{
	struct slots slots = { 0 };
	struct str name, value;

	while (take_z(&bytes, &name) && take_z(&bytes, &value))
		slots_put(&slots, arena, "", arena_z(arena, name), value);
	return slots;
}

void slots_put_args(struct slots *slots, struct arena *arena, const struct match *match)
{
	for (unsigned k = 0; k < match->command->nargs; k++)
		slots_put(slots, arena, "a.", match->command->arg[k].name, match->arg[k]);
}

void slots_get_args(const struct slots *slots, struct match *match)
{
	for (unsigned k = 0; k < match->command->nargs; k++)
		match->arg[k] = slots_get(slots, "a.", match->command->arg[k].name);
}

bool dialogue_bind(struct dialogue *dialogue, const struct tables *tables)
{
	const struct command *command = tables ? tables_find(tables, "", dialogue->command_id) : NULL;

	if (dialogue->kind == DIALOGUE_OFFER || dialogue->kind == DIALOGUE_WHICH) {
		dialogue->tables = tables;	/* of no command */
		return tables;
	}
	if (!command || (dialogue->kind == DIALOGUE_CONFIRM &&
			 (!command->confirm || !command->function || !str_eqz(dialogue->function, command->function))))
		return false;
	dialogue->tables = tables;
	dialogue->command = command;
	return true;
}
