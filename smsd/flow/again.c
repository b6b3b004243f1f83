/* again - what a lost link had not acknowledged may have reached the handsets.  Answers go again at once.  What no customer
 * asked for goes again once it was counted for the blast that it is of (hall.blast_again): so none goes twice uncounted,
 * whatever dies in between.  The door's lane counts, with its next mark. */
#include <stdio.h>

#include "base/crash.h"
#include "flow/batch.h"

void again_put(struct hall *hall, struct mt *mt)
{
	mt->next = hall->again;
	hall->again = mt;
}

static void fill_arrays(struct lane *lane)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TIMESTAMPTZ, ARRAY_UUID };

	for (unsigned k = 0; k < 3; k++)
		array_begin(&lane->array[k], type[k]);
	for (const struct mt *mt = lane->hall->again_asked; mt; mt = mt->next) {
		array_text(&lane->array[0], str_z(mt->msisdn.text));
		array_time(&lane->array[1], mt->at_us);
		array_uuid(&lane->array[2], &mt->id);
	}
}

void again_send(struct lane *lane)
{
	struct hall *hall = lane->hall;
	struct db_params p = { 0 };
	char conn[12];

	if (!lane->door || !hall->again)
		return;
	hall->again_asked = hall->again;
	hall->again = NULL;
	fill_arrays(lane);
	snprintf(conn, sizeof(conn), "%u", lane->index);
	db_param_text(&p, hall->conf->instance);
	db_param_text(&p, conn);
	for (unsigned k = 0; k < 3; k++)
		array_param(&lane->array[k], &p);
	rows_query(lane, Q_BLAST_AGAIN_LINK, &p);
	rows_query(lane, Q_DURABLE, NULL);
}

void again_told(struct hall *hall)
{
	if (hall->again_asked)
		CRASH(unasked_recounted);
	while (hall->again_asked) {
		struct mt *mt = hall->again_asked;

		hall->again_asked = mt->next;
		outbox_again(mt);
	}
}

void again_untold(struct hall *hall)
{
	while (hall->again_asked) {
		struct mt *mt = hall->again_asked;

		hall->again_asked = mt->next;
		again_put(hall, mt);
	}
}
