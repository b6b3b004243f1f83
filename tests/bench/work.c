/* work - see work.h. */
#include "work.h"

#include <time.h>

#include "table/versions.h"
#include "text/fold.h"

int work_hall_load(const char *conninfo, struct work_hall *hall_r, struct err *err)
{
	PGconn *conn;
	int failed;

	if (fold_init(err) < 0)
		return -1;
	conn = PQconnectdb(conninfo);
	if (PQstatus(conn) != CONNECTION_OK)
		failed = err_set(err, ERR_TEMP, "%s", PQerrorMessage(conn));
	else
		failed = versions_load_active(conn, &hall_r->tables, &hall_r->vocabulary, err);
	PQfinish(conn);
	if (!failed)
		hall_r->tables->ntips = 0;	/* no design here keeps count of them */
	return failed;
}

void work_hall_free(struct work_hall *hall)
{
	tables_unref(&hall->tables);
	vocabulary_unref(&hall->vocabulary);
}

static struct str now_text(struct arena *arena)
{
	struct timespec now;
	char text[32];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return arena_printf(arena, "%s.%06ld+00", text, now.tv_nsec / 1000);
}

void work_understand(const struct work_hall *hall, struct work *work, struct arena *arena)
{
	struct match_context context = {
		.vocabulary = hall->vocabulary, .port = work->port, .province = STR(""), .now = time(NULL),
	};
	struct param_input in = {
		.match = &work->match, .msisdn = str_z(work->msisdn.text), .port = work->port, .link = work->link,
		.mo_id = &work->id, .lang = LANG_ZH,
	};

	work->match = (struct match){ 0 };
	match_text(hall->tables, &context, arena, fold_text(arena, work->raw), &work->match);
	if (!work_has_command(work))
		return;
	in.now = now_text(arena);
	reply_params(&in, arena, work->value);
}

bool work_has_command(const struct work *work)
{
	return work->match.kind == MATCH_COMMAND;
}

int work_answer(const struct work_hall *hall, struct work *work, struct arena *arena, struct err *err)
{
	struct reply_input in = {
		.tables = hall->tables, .match = &work->match, .result = work->result, .lang = LANG_ZH,
		.msisdn = str_z(work->msisdn.text), .port = work->port, .now = now_text(arena),
		.mo_id = &work->id,
	};

	return reply_make(&in, arena, &work->reply, err);
}
