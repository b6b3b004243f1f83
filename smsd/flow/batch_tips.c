/* batch_tips - who of a batch may be shown a tip, and which tips he was shown. */
#include <time.h>

#include "flow/batch.h"

/* Of those alone whose answers may carry one: most texts do not pay for it. */
void tips_ask(struct lane *lane)
{
	struct db_params p = { 0 };
	char now[8];

	if (!lane->tables->ntips)
		return;
	array_begin(&lane->array[0], ARRAY_TEXT);
	for (unsigned i = 0; i < lane->n; i++) {
		struct text_run *run = &lane->run[i];

		if (!run->asked || !talk_may_tip(&run->in, &run->talk))
			continue;
		run->tip_counts = NULL;
		run->in.ntip_counts = 0;
		array_text(&lane->array[0], str_z(lane->text[i]->msisdn.text));
	}
	if (!lane->array[0].count)
		return;
	bin_time(now, lane->now_us);
	array_param(&lane->array[0], &p);
	db_param_bytes(&p, now, 8);
	batch_query(lane, Q_TIP_ROOM, &p, TAG_TIP_ROOM);
}

/* How often a tip was shown within its cap's days; `times` is an array such as {"2026-11-22 06:14:00+00",…}, all
 * in UTC, so that they compare as text. */
static unsigned times_shown(const struct lane *lane, struct str name, const char *times)
{
	time_t since = lane->now_us / 1000000;
	char from[20];
	struct tm tm;
	unsigned n = 0;

	for (unsigned i = 0; i < lane->tables->ntips; i++)
		if (str_eqz(name, lane->tables->tip[i]->name))
			since -= (time_t)lane->tables->tip[i]->cap_days * 86400;
	gmtime_r(&since, &tm);
	strftime(from, sizeof(from), "%Y-%m-%d %H:%M:%S", &tm);
	for (const char *p = times; (p = strchr(p, '"')) != NULL; p++) {
		if (strncmp(p + 1, from, sizeof(from) - 1) > 0)
			n++;
		p = strchr(p + 1, '"');
		if (!p)
			break;
	}
	return n;
}

/* Rows: who has room for one; a tip and when he was shown it, or NULLs. */
void tips_take(struct lane *lane, const PGresult *res)
{
	for (int r = 0; r < PQntuples(res); r++) {
		unsigned i = (unsigned)(uintptr_t)map_get(lane->senders, str_z(PQgetvalue(res, r, 0)));

		if (!i--)
			continue;
		struct text_run *run = &lane->run[i];
		run->in.tip_room = true;
		if (PQgetisnull(res, r, 1))
			continue;
		if (!run->tip_counts)
			run->tip_counts = arena_alloc(lane->arena, PQntuples(res) * sizeof(*run->tip_counts));
		struct str tip = arena_str(lane->arena, db_cell(res, r, 1));
		run->tip_counts[run->in.ntip_counts++] = (struct tip_count){
			tip, times_shown(lane, tip, PQgetvalue(res, r, 2)),
		};
		run->in.tip_counts = run->tip_counts;
	}
}
