/* remind_rows - rows of reminders become messages: see remind.c.  The ids follow from the run and the row: put again, it is the
 * same message. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/remind_private.h"

static void begin(struct remind *r, unsigned n, const enum array_type *type)
{
	for (unsigned k = 0; k < n; k++)
		array_begin(&r->array[k], type[k]);
}

static const char *number(struct remind *r, long long n)
{
	return arena_printf(r->arena, "%lld", n).ptr;
}

void remind_rows_forget(struct remind *r)
{
	for (unsigned i = 0; i < r->ngroups; i++) {
		PQclear(r->group[i].once);
		tables_unref(&r->group[i].tables);
	}
	PQclear(r->lines);
	r->lines = NULL;
	memset(r->group, 0, r->ngroups * sizeof(*r->group));
	r->nmessages = r->ngroups = 0;
}

/* ---- which ---- */

void remind_rows_take(struct remind *r)
{
	struct db_params p = { 0 };

	array_begin(&r->array[0], ARRAY_TEXT);
	array_text(&r->array[0], str_z(number(r, r->tables->version)));
	for (unsigned i = 0; i < OLDER_MAX; i++)
		if (r->hall->older[i])
			array_text(&r->array[0], str_z(number(r, r->hall->older[i]->version)));
	array_param(&r->array[0], &p);
	db_param_text(&p, number(r, r->tables->version));
	db_param_text(&p, number(r, r->alone ? 1 : ROWS_MAX));
	remind_ask(r, Q_BEGIN, NULL, TAG_NONE);
	remind_ask(r, Q_REMINDER_ROWS, &p, TAG_ROWS);
	remind_ask(r, Q_OPT_OUT_LINES, NULL, TAG_LINES);
	remind_wait(r, REMIND_TAKING);
}

static bool same_columns(const struct command *c, struct str columns)
{
	for (unsigned i = 0; i < c->ncolumns; i++) {
		struct str name = str_z(c->column[i]);

		if (!str_starts(columns, name))
			return false;
		str_skip(&columns, name.len);
		if (i + 1 < c->ncolumns) {
			if (!str_starts(columns, STR("\n")))
				return false;
			str_skip(&columns, 1);
		}
	}
	return !columns.len;
}

/* The tables that ran it say the text; where they are gone, those in force if they ask for the same columns. */
static const struct command *command_of(const struct remind *r, const PGresult *res, int i, struct tables **tables_r)
{
	unsigned step = (unsigned)atoi(PQgetvalue(res, i, 5));

	*tables_r = (struct tables *)hall_tables_of(r->hall, atoi(PQgetvalue(res, i, 7)));
	if (!*tables_r)
		*tables_r = r->tables;
	const struct command *c = tables_find(*tables_r, "", db_cell(res, i, 3));
	return c && c->reminder && same_columns(c, db_cell(res, i, 8)) && (!c->reminder->series || step <= c->reminder->nsteps) ? c : NULL;
}

static const struct str *cells_of(struct remind *r, const struct command *c, struct str cells)
{
	struct str *cell = arena_alloc(r->arena, (c->ncolumns + 1) * sizeof(*cell));

	cells = arena_str(r->arena, cells);
	for (unsigned i = 0; i < c->ncolumns; i++) {
		const char *end = cells.len ? memchr(cells.ptr, '\x1f', cells.len) : NULL;
		struct str one = str_n(cells.ptr, end ? (size_t)(end - cells.ptr) : cells.len);

		cell[i] = str_eqz(one, "\x1e") ? (struct str){ 0 } : arena_str(r->arena, one);
		str_skip(&cells, one.len + (end != NULL));
	}
	return cell;
}

static unsigned group_of(struct remind *r, const struct command *c, struct tables *tables, unsigned step, int64_t due_us)
{
	unsigned i = r->ngroups;

	while (i-- > 0) {
		const struct group *g = &r->group[i];

		if (g->command == c && g->step == step && g->due_us == due_us)
			return i;
	}
	r->group[r->ngroups] = (struct group){
		.command = c, .tables = tables_ref(tables), .step = step, .due_us = due_us,
	};
	return r->ngroups++;
}

static void take_message(struct remind *r, const PGresult *res, int i)
{
	struct message *m = &r->message[r->nmessages++];
	int64_t due_us = strtoll(PQgetvalue(res, i, 6), NULL, 10);
	struct str trigger = db_cell(res, i, 4), who;
	struct tables *tables;
	struct uuid run;
	struct err err;

	*m = (struct message){ .run = arena_str(r->arena, db_cell(res, i, 0)), .n = (uint32_t)atoi(PQgetvalue(res, i, 1)) };
	m->row.command = command_of(r, res, i, &tables);
	if (!m->row.command || uuid_parse(m->run, &run, &err) < 0) {
		m->lost = "the tables were changed in between";
		return;
	}
	m->row.step = (unsigned)atoi(PQgetvalue(res, i, 5));
	m->row.cell = cells_of(r, m->row.command, db_cell(res, i, 2));
	m->row.now = str_z(r->now_text);
	m->id = uuid_derive(&run, m->n);
	m->cause = run;
	if (trigger.ptr && uuid_parse(trigger, &m->cause, &err) < 0)
		m->cause = run;
	who = remind_cell(&m->row, "msisdn");
	if (!who.ptr || msisdn_parse(who, &m->msisdn, &err) < 0) {
		m->lost = who.ptr ? "its msisdn is none" : "its msisdn is NULL";
		return;
	}
	m->control = remind_control(m->row.command, str_z(m->msisdn.text));
	m->group = group_of(r, m->row.command, tables, m->row.step, due_us);
}

void remind_rows_taken(struct remind *r, const PGresult *res)
{
	for (int i = 0; i < PQntuples(res) && r->nmessages < ROWS_MAX; i++)
		take_message(r, res, i);
}

/* ---- once ---- */

static struct str once_key(struct remind *r, struct str msisdn, struct str scope)
{
	return arena_printf(r->arena, "%.*s %.*s", STR_ARG(msisdn), STR_ARG(scope));
}

void remind_rows_ask_once(struct remind *r)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TEXT };

	for (unsigned g = 0; g < r->ngroups; g++) {
		const struct command *c = r->group[g].command;
		struct db_params p = { 0 };

		if (!c->reminder->once_days)
			continue;
		begin(r, 2, type);
		for (unsigned i = 0; i < r->nmessages; i++)
			if (r->message[i].group == g && !r->message[i].lost) {
				array_text(&r->array[0], str_z(r->message[i].msisdn.text));
				array_text(&r->array[1], remind_scope(&r->message[i].row, r->arena));
			}
		db_param_text(&p, c->id);
		array_param(&r->array[0], &p);
		array_param(&r->array[1], &p);
		db_param_text(&p, number(r, c->reminder->once_days));
		db_param_text(&p, r->now_text);
		remind_ask(r, Q_REMINDER_ONCE, &p, TAG_ONCE + (int)g);
	}
	remind_wait(r, REMIND_ASKING_ONCE);
}

/* What the database let pass, each of it for one message. */
static void weed(struct remind *r)
{
	struct map *left = map_new();

	for (unsigned g = 0; g < r->ngroups; g++) {
		const PGresult *once = r->group[g].once;

		if (!r->group[g].command->reminder->once_days)
			continue;
		map_clear(left);
		for (int i = 0; i < PQntuples(once); i++)
			map_put(left, once_key(r, db_cell(once, i, 0), db_cell(once, i, 1)), r);
		for (unsigned i = 0; i < r->nmessages; i++) {
			struct message *m = &r->message[i];

			if (m->group == g && !m->lost)
				m->again = !map_del(left, once_key(r, str_z(m->msisdn.text), remind_scope(&m->row, r->arena)));
		}
	}
	map_free(&left);
}

/* ---- behind the door ---- */

static bool goes(const struct message *m, unsigned group, bool control)
{
	return m->group == group && !m->lost && !m->again && m->control == control;
}

static int64_t cause_us(const struct group *g)
{
	return g->due_us - g->due_us % 1000000;
}

static struct str line_of(const struct remind *r, const char *class, enum lang lang)
{
	for (int i = 0; i < PQntuples(r->lines); i++)
		if (str_eqz(db_cell(r->lines, i, 0), class))
			return db_cell(r->lines, i, lang == LANG_EN ? 2 : 1);
	return (struct str){ 0 };
}

/* Arrays 0 to 5; how many. */
static unsigned fill_messages(struct remind *r, unsigned g, bool control)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_UUID, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2 };

	begin(r, 6, type);
	for (unsigned i = 0; i < r->nmessages; i++) {
		const struct message *m = &r->message[i];

		if (!goes(m, g, control))
			continue;
		enum lang lang = remind_lang(&m->row);
		struct str text = remind_text(&m->row, line_of(r, m->row.command->reminder->class, lang), r->arena);
		array_text(&r->array[0], str_z(m->msisdn.text));
		array_uuid(&r->array[1], &m->id);
		array_uuid(&r->array[2], &m->cause);
		array_text(&r->array[3], text);
		array_text(&r->array[4], str_z(lang_name(lang)));
		array_int2(&r->array[5], (int)segment_count(text));
	}
	return r->array[0].count;
}

/* The control group has the rows of what it is not sent; the query for them takes no languages. */
static void put_messages(struct remind *r, const struct group *g, enum query query)
{
	struct db_params p = { 0 };
	char at[8];

	bin_time(at, cause_us(g));
	array_param(&r->array[0], &p);
	array_param(&r->array[1], &p);
	db_param_text(&p, g->command->reminder->class);
	array_param(&r->array[2], &p);
	db_param_text(&p, g->command->id);
	array_param(&r->array[3], &p);
	if (query == Q_DOOR_PUT)
		array_param(&r->array[4], &p);
	array_param(&r->array[5], &p);
	db_param_text(&p, r->hall->conf->port[0]);
	db_param_text(&p, number(r, g->tables->version));
	db_param_bytes(&p, at, 8);
	remind_ask(r, query, &p, TAG_NONE);
}

static void put_until(struct remind *r, const struct group *g)
{
	int64_t until_us = remind_until_us(g->command->reminder, cause_us(g));
	struct db_params p = { 0 };
	char at[8], until[8];

	if (!until_us)
		return;
	bin_time(at, cause_us(g));
	bin_time(until, until_us);
	array_param(&r->array[0], &p);
	array_param(&r->array[1], &p);
	db_param_bytes(&p, at, 8);
	db_param_bytes(&p, until, 8);
	remind_ask(r, Q_REMINDER_UNTIL, &p, TAG_NONE);
}

static void put_opens(struct remind *r, unsigned g)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_UUID, ARRAY_BYTEA };
	const struct group *group = &r->group[g];
	struct db_params p = { 0 };
	char at[8];

	if (!group->command->opens)
		return;
	begin(r, 3, type);
	for (unsigned i = 0; i < r->nmessages; i++) {
		const struct message *m = &r->message[i];

		if (!goes(m, g, false))
			continue;
		array_text(&r->array[0], str_z(m->msisdn.text));
		array_uuid(&r->array[1], &m->id);
		array_text(&r->array[2], seal_close(&r->hall->seal, r->arena, remind_opens(&m->row, r->arena)));
	}
	bin_time(at, cause_us(group));
	for (unsigned k = 0; k < 3; k++)
		array_param(&r->array[k], &p);
	db_param_bytes(&p, at, 8);
	db_param_text(&p, group->command->opens->command->id);
	db_param_text(&p, number(r, group->command->opens->within_s));
	db_param_text(&p, number(r, group->tables->version));
	remind_ask(r, Q_REMINDER_OPENS, &p, TAG_NONE);
}

/* Whom it would steer to another channel, and whom of the control group. */
static void put_exposures(struct remind *r, unsigned g)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TEXT, ARRAY_UUID, ARRAY_BOOL };
	const struct group *group = &r->group[g];
	struct db_params p = { 0 };
	char at[8];

	begin(r, 4, type);
	for (unsigned i = 0; group->command->reminder->steers && i < r->nmessages; i++) {
		const struct message *m = &r->message[i];

		if (!goes(m, g, m->control) || !remind_target(&m->row).len)
			continue;
		array_text(&r->array[0], remind_target(&m->row));
		array_text(&r->array[1], str_z(m->msisdn.text));
		array_uuid(&r->array[2], &m->id);
		array_bool(&r->array[3], m->control);
	}
	if (!r->array[0].count)
		return;
	bin_time(at, cause_us(group));
	db_param_text(&p, group->command->id);
	db_param_text(&p, number(r, group->tables->version));
	for (unsigned k = 0; k < 4; k++)
		array_param(&r->array[k], &p);
	db_param_bytes(&p, at, 8);
	remind_ask(r, Q_REMINDER_EXPOSURE, &p, TAG_NONE);
}

static void put_group(struct remind *r, unsigned g)
{
	const struct group *group = &r->group[g];
	unsigned n;

	put_exposures(r, g);
	if (fill_messages(r, g, true))
		put_messages(r, group, Q_REMINDER_CONTROL);
	n = fill_messages(r, g, false);
	if (!n)
		return;
	put_messages(r, group, Q_DOOR_PUT);
	put_until(r, group);
	put_opens(r, g);
	metric_add_label(M_REMINDERS, group->command->id, n);
}

/* Rows that cannot become messages; the others of their run do. */
static void tell_lost(struct remind *r)
{
	static const enum array_type type[] = { ARRAY_UUID, ARRAY_TEXT };
	struct db_params p = { 0 };
	struct uuid run;
	struct err err;

	begin(r, 2, type);
	for (unsigned i = 0; i < r->nmessages; i++) {
		const struct message *m = &r->message[i];

		if (!m->lost || uuid_parse(m->run, &run, &err) < 0)
			continue;
		log_warn("reminder_row_lost", "run=%.*s row=%u why=\"%s\" remedy=\"correct the reminder's SQL\"", STR_ARG(m->run), m->n,
			 m->lost);
		array_uuid(&r->array[0], &run);
		array_text(&r->array[1], str_z(m->lost));
	}
	if (!r->array[0].count)
		return;
	array_param(&r->array[0], &p);
	array_param(&r->array[1], &p);
	remind_ask(r, Q_REMINDER_LOST, &p, TAG_NONE);
}

/* Rows whose receivers had them lately. */
static void tell_repeats(struct remind *r)
{
	static const enum array_type type[] = { ARRAY_UUID };
	struct db_params p = { 0 };
	struct uuid run;
	struct err err;

	begin(r, 1, type);
	for (unsigned i = 0; i < r->nmessages; i++)
		if (r->message[i].again && uuid_parse(r->message[i].run, &run, &err) == 0)
			array_uuid(&r->array[0], &run);
	if (!r->array[0].count)
		return;
	array_param(&r->array[0], &p);
	remind_ask(r, Q_REMINDER_REPEATS, &p, TAG_NONE);
}

void remind_rows_lost(struct remind *r)
{
	const struct message *m = &r->message[0];
	struct db_params p = { 0 };

	log_error("reminder_row_lost", "run=%.*s row=%u error=\"%s\" remedy=\"correct the reminder's SQL\"", STR_ARG(m->run), m->n,
		  r->error);
	db_param_text(&p, m->run.ptr);
	db_param_text(&p, number(r, m->n));
	db_param_text(&p, r->error);
	remind_ask(r, Q_REMINDER_ROW_DROP, &p, TAG_NONE);
	remind_wait(r, REMIND_MARKING);
}

void remind_rows_put(struct remind *r)
{
	weed(r);
	for (unsigned g = 0; g < r->ngroups; g++)
		put_group(r, g);
	tell_lost(r);
	tell_repeats(r);
	remind_ask(r, Q_COMMIT, NULL, TAG_COMMIT);
	remind_wait(r, REMIND_PUTTING);
	CRASH(unasked_rows_put);
}
