/* remind_text - see remind.h. */
#include "base/map.h"
#include "flow/remind.h"
#include "text/optout.h"

struct str remind_cell(const struct remind_row *row, const char *column)
{
	int at = command_column(row->command, column);

	return at < 0 ? (struct str){ 0 } : row->cell[at];
}

enum lang remind_lang(const struct remind_row *row)
{
	return lang_parse(remind_cell(row, "lang"));
}

/* Names are the columns, then msisdn, now, port. */
static struct str fill(void *arg, unsigned n, unsigned column)
{
	const struct remind_row *row = arg;

	(void)n;
	if (column < row->command->ncolumns)
		return row->cell[column];
	return column - row->command->ncolumns == 1 ? row->now : (struct str){ 0 };
}

struct str remind_text(const struct remind_row *row, struct str line, struct arena *arena)
{
	enum lang lang = remind_lang(row);
	struct template_data data = { .rows = 1, .get = fill, .arg = (void *)row, .lang = lang_name(lang) };
	unsigned step = row->command->reminder->series ? row->step - 1 : 0;
	struct buf out = { 0 };

	template_render(row->command->outcome[step].text.template[lang], &data, &out);
	struct str text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return optout_append(arena, text, line);
}

struct str remind_scope(const struct remind_row *row, struct arena *arena)
{
	const struct reminder *reminder = row->command->reminder;
	struct str scope = STR("");

	for (unsigned k = 0; k < reminder->nonce; k++) {
		struct str cell = remind_cell(row, reminder->once[k]);

		scope = arena_printf(arena, "%.*s%s%.*s", STR_ARG(scope), k ? "|" : "", STR_ARG(cell));
	}
	/* A later step is no repetition of the first. */
	if (row->step > 1)
		scope = arena_printf(arena, "%.*s#%u", STR_ARG(scope), row->step);
	return scope;
}

struct str remind_target(const struct remind_row *row)
{
	const struct reminder *reminder = row->command->reminder;

	if (!reminder->steers)
		return (struct str){ 0 };
	return reminder->steers_column ? remind_cell(row, reminder->steers) : str_z(reminder->steers);
}

/* As an answer's `opens` does. */
struct str remind_opens(const struct remind_row *row, struct arena *arena)
{
	const struct opens *opens = row->command->opens;
	struct match next = { .command = opens->command };
	struct slots slots = { 0 };

	for (unsigned i = 0; i < opens->nwith; i++)
		next.arg[opens->with[i].arg] = remind_cell(row, opens->with[i].value);
	slots_put_args(&slots, arena, &next);
	slots_put(&slots, arena, "n", "", arena_printf(arena, "%u", opens->arg));
	return slots_encode(&slots, arena);
}

bool remind_control(const struct command *command, struct str msisdn)
{
	return map_draw(msisdn, str_z(command->id)) % 100 < command->reminder->control;
}

int64_t remind_until_us(const struct reminder *reminder, int64_t at_us)
{
	enum { DAY = 86400 };
	int64_t at_s = at_us / 1000000;

	if (reminder->until_s)
		return (at_s + reminder->until_s) * 1000000;
	if (reminder->until_min < 0)
		return 0;
	int64_t local = at_s + zone_offset(reminder->cron.zone, at_s), then = local - local % DAY + reminder->until_min * 60;
	if (then <= local)
		then += DAY;
	int64_t guess = then - zone_offset(reminder->cron.zone, at_s);	/* clocks may be changed in between */
	return (then - zone_offset(reminder->cron.zone, guess)) * 1000000;
}

void remind_moments(const struct reminder *reminder, int64_t now_us, int64_t *last_us_r, int64_t *next_us_r)
{
	int64_t last = cron_last(&reminder->cron, now_us / 1000000), next = cron_next(&reminder->cron, now_us / 1000000);

	*last_us_r = last == CRON_NEVER ? 0 : last * 1000000;
	*next_us_r = next == CRON_NEVER ? 0 : next * 1000000;
}

const char *remind_param(const struct remind_param *in, enum param source, struct arena *arena)
{
	switch (source) {
	case PARAM_TRIGGER: return in->trigger;
	case PARAM_NOW: return in->now;
	case PARAM_LEVEL: case PARAM_STEP: return arena_printf(arena, "%u", in->step).ptr;
	default: return NULL;		/* the check lets no other in */
	}
}
