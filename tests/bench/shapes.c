/* shapes - see shapes.h. */
#include "shapes.h"

#include <stdlib.h>
#include <time.h>

static const char *const mo_sql =
	"INSERT INTO hall.mo (msisdn, at, id, port, link, text, folded, command, outcome, version, instance, conn, batch)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'onetx', $11, 0) ON CONFLICT DO NOTHING";
static const char *const mt_sql =
	"INSERT INTO hall.mt (msisdn, at, id, class, cause, cause_id, port, link, receiver, text, segments, report,"
	" version, instance, conn, batch)"
	" VALUES ($1, $2, $3, 'reply', 'mo', $4, $5, $6, $7, $8, $9, false, $10, 'onetx', $11, 0)";

static const char *command_id(const struct work *work)
{
	return work->match.command ? work->match.command->id : NULL;
}

static struct str stored_text(const struct work *work)
{
	return work->match.secret ? work->match.redacted : work->raw;
}

/* --- one transaction a text ---------------------------------------------- */

static void text_param(struct runner *r, struct db_params *p, struct str value)
{
	db_param_text(p, value.ptr ? arena_z(r->arena, value) : NULL);
}

static void number_param(struct runner *r, struct db_params *p, int value)
{
	db_param_text(p, arena_printf(r->arena, "%d", value).ptr);
}

static void key_params(struct runner *r, struct db_params *p, const struct uuid *id)
{
	const struct work *work = r->work[0];
	char *at = arena_alloc(r->arena, 8);

	bin_time(at, work->at_us);
	db_param_text(p, work->msisdn.text);
	db_param_bytes(p, at, 8);
	db_param_bytes(p, id->octet, sizeof(id->octet));
}

static void insert_mo(struct runner *r)
{
	const struct work *work = r->work[0];
	struct db_params p = { 0 };

	key_params(r, &p, &work->id);
	text_param(r, &p, work->port);
	text_param(r, &p, work->link);
	text_param(r, &p, stored_text(work));
	text_param(r, &p, work->match.redacted);
	db_param_text(&p, command_id(work));
	text_param(r, &p, work->reply.outcome);
	number_param(r, &p, r->hall->tables->version);
	number_param(r, &p, r->index);
	runner_statement(r, "onetx_mo", mo_sql, &p);
}

static void insert_mt(struct runner *r)
{
	const struct work *work = r->work[0];
	struct uuid id = uuid_derive(&work->id, 0);
	struct db_params p = { 0 };

	key_params(r, &p, &id);
	db_param_bytes(&p, work->id.octet, sizeof(work->id.octet));
	text_param(r, &p, work->port);
	text_param(r, &p, work->link);
	text_param(r, &p, work->sender);
	text_param(r, &p, work->reply.text);
	number_param(r, &p, work->reply.segments);
	number_param(r, &p, r->hall->tables->version);
	number_param(r, &p, r->index);
	runner_statement(r, "onetx_mt", mt_sql, &p);
}

/* The command comes before the text's own row, which holds its outcome: an UPDATE is saved. */
static void one_step(struct runner *r, unsigned step)
{
	switch (step) {
	case 0:
		runner_query(r, Q_BEGIN, NULL);
		break;
	case 1:
		runner_command(r, 0);
		break;
	case 2:
		runner_answers(r);
		insert_mo(r);
		break;
	case 3:
		insert_mt(r);
		break;
	default:
		runner_query(r, Q_COMMIT, NULL);
	}
}

static void piped_step(struct runner *r, unsigned step)
{
	unsigned from = step ? 2 : 0, to = step ? 5 : 2;

	for (unsigned i = from; i < to; i++)
		one_step(r, i);
}

/* --- smsd's batch (its statements in its order: smsd/flow/batch.c, batch_rows.c) --- */

static void begin_arrays(struct runner *r, unsigned n, const enum array_type *type)
{
	for (unsigned k = 0; k < n; k++)
		array_begin(&r->array[k], type[k]);
}

static void param_arrays(struct runner *r, unsigned n, struct db_params *p)
{
	for (unsigned k = 0; k < n; k++)
		array_param(&r->array[k], p);
}

static void add_key(struct runner *r, const struct work *work, const struct uuid *id)
{
	array_text(&r->array[0], str_z(work->msisdn.text));
	array_time(&r->array[1], work->at_us);
	array_uuid(&r->array[2], id);
}

static int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

static void batch_look(struct runner *r)
{
	struct db_params senders = { 0 };

	array_begin(&r->array[0], ARRAY_TEXT);
	for (unsigned i = 0; i < r->count; i++)
		array_text(&r->array[0], str_z(r->work[i]->msisdn.text));
	r->batch = clock_us();
	array_param(&r->array[0], &senders);
	runner_query(r, Q_BEGIN, NULL);
	runner_query(r, Q_LOCK_SENDERS, &senders);
	runner_query(r, Q_SENDERS, &senders);
}

static int by_command(const void *a, const void *b)
{
	const struct work *x = *(struct work *const *)a, *y = *(struct work *const *)b;
	const struct command *command = x->match.command, *other = y->match.command;

	if (command != other)
		return !command ? -1 : !other ? 1 : command->index < other->index ? -1 : 1;
	for (unsigned k = 0; command && k < command->nargs; k++) {
		int c = str_cmp(x->match.arg[k], y->match.arg[k]);

		if (c)
			return c;
	}
	return strcmp(x->msisdn.text, y->msisdn.text);
}

static void set_timeout(struct runner *r, unsigned ms)
{
	const char *name = arena_printf(r->arena, "timeout_%u", ms).ptr;

	runner_statement(r, name, arena_printf(r->arena, "SET LOCAL statement_timeout = %u", ms).ptr, NULL);
}

static void batch_commands(struct runner *r)
{
	unsigned timeout = 0;

	qsort(r->work, r->count, sizeof(*r->work), by_command);
	for (unsigned i = 0, n; i < r->count; i += n) {
		const struct command *command = r->work[i]->match.command;

		n = 1;
		if (!work_has_command(r->work[i]))
			continue;
		if (command->timeout_ms != timeout)
			set_timeout(r, timeout = command->timeout_ms);
		n = runner_same_command(r, i);
	}
	if (timeout)
		set_timeout(r, 30000);
}

static void add_scalars(struct runner *r, struct db_params *p)
{
	number_param(r, p, r->hall->tables->version);
	db_param_text(p, "onetx");
	number_param(r, p, r->index);
	db_param_text(p, arena_printf(r->arena, "%lld", (long long)r->batch).ptr);
}

static void batch_mo(struct runner *r)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_TEXT, ARRAY_TEXT,
						ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT };
	struct db_params p = { 0 };

	begin_arrays(r, 9, type);
	for (unsigned i = 0; i < r->count; i++) {
		const struct work *work = r->work[i];

		add_key(r, work, &work->id);
		array_text(&r->array[3], work->port);
		array_text(&r->array[4], work->link);
		array_text(&r->array[5], stored_text(work));
		array_text(&r->array[6], work->match.redacted);
		array_text(&r->array[7], str_z(command_id(work)));
		array_text(&r->array[8], work->reply.outcome);
	}
	param_arrays(r, 9, &p);
	add_scalars(r, &p);
	runner_query(r, Q_MO_INSERT, &p);
}

static void batch_mt(struct runner *r)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID, ARRAY_UUID, ARRAY_TEXT,
						ARRAY_TEXT, ARRAY_TEXT, ARRAY_TEXT, ARRAY_INT2, ARRAY_BOOL, ARRAY_TEXT, ARRAY_TEXT, ARRAY_BYTEA };
	struct db_params p = { 0 };

	begin_arrays(r, 13, type);
	for (unsigned i = 0; i < r->count; i++) {
		const struct work *work = r->work[i];
		struct uuid id = uuid_derive(&work->id, 0);

		add_key(r, work, &id);
		array_uuid(&r->array[3], &work->id);
		array_text(&r->array[4], work->port);
		array_text(&r->array[5], work->link);
		array_text(&r->array[6], work->sender);
		array_text(&r->array[7], work->reply.text);
		array_int2(&r->array[8], work->reply.segments);
		array_bool(&r->array[9], false);
		array_text(&r->array[10], (struct str){ 0 });
		array_text(&r->array[11], STR("reply"));
		array_text(&r->array[12], (struct str){ 0 });
	}
	param_arrays(r, 13, &p);
	add_scalars(r, &p);
	runner_query(r, Q_MT_INSERT, &p);
}

/* All accepted: no smsd that starts later may take these answers for unsent ones. */
static void batch_mark(struct runner *r)
{
	const char *batch = arena_printf(r->arena, "%lld", (long long)r->batch).ptr;
	struct db_params p = { 0 };

	db_param_text(&p, "onetx");
	number_param(r, &p, r->index);
	db_param_text(&p, batch);
	db_param_text(&p, batch);
	runner_query(r, Q_SENDER_MARK, &p);
}

static void batch_step(struct runner *r, unsigned step)
{
	if (step == 0) {
		batch_look(r);
	} else if (step == 1) {
		batch_commands(r);
	} else {
		runner_answers(r);
		batch_mo(r);
		batch_mt(r);
		batch_mark(r);
		runner_query(r, Q_DURABLE, NULL);
		runner_query(r, Q_COMMIT, NULL);
	}
}

static const struct shape list[] = {
	{ "one", "one transaction a text, statement by statement", 1, 5, true, one_step },
	{ "piped", "one transaction a text, in two round trips", 1, 2, false, piped_step },
	{ "batch", "smsd's shape: one transaction for many texts", RUNNER_TEXTS_MAX, 3, false, batch_step },
};

const struct shape *shapes_by_name(const char *name)
{
	for (unsigned i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (!strcmp(name, list[i].name))
			return &list[i];
	return NULL;
}
