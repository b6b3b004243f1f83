/* blast - see blast.h.  A step that fails by its own fault, twice, pauses its blast, so that it is in nobody's way. */
#include <stdio.h>
#include <stdlib.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/metric.h"
#include "flow/blast.h"
#include "text/segment.h"

enum { KNOWN_MAX = 8, STRIKES = 2 };

enum column { COL_BLAST, COL_HASH, COL_N, COL_MSISDN, COL_LANG, COL_DATA, COL_VARIANT, COL_WHY, COL_DUE, COL_LINK };

struct blast {
	struct lane *lane;
	struct blast_texts *known[KNOWN_MAX];	/* the one used last first */
	PGresult *rows, *texts;
	struct mt **mt;				/* to be sent once they are committed */
	unsigned nmt, room;
	char id[12], struck[12];		/* drained now; which failed, how often in a row */
	unsigned strikes;
	char why[300];				/* it is to be paused for this; empty: not */
};

struct blast *blast_new(struct lane *lane)
{
	struct blast *b = mem_alloc(sizeof(*b));

	b->lane = lane;
	snprintf(b->id, sizeof(b->id), "0");
	return b;
}

static void forget(struct blast *b)
{
	PQclear(b->rows);
	PQclear(b->texts);
	b->rows = b->texts = NULL;
	for (unsigned i = 0; i < b->nmt; i++)
		free(b->mt[i]);
	b->nmt = 0;
}

void blast_free(struct blast **blast)
{
	struct blast *b = *blast;

	*blast = NULL;
	forget(b);
	for (unsigned i = 0; i < KNOWN_MAX; i++)
		blast_texts_free(&b->known[i]);
	free(b->mt);
	free(b);
}

bool blast_result(struct blast *b, int tag, PGresult *res)
{
	PGresult **place = tag == TAG_DRAWN ? &b->rows : &b->texts;

	PQclear(*place);
	*place = res;
	return true;
}

static void begin(struct blast *b)
{
	struct lane *lane = b->lane;

	lane->state = LANE_DRAWING;
	batch_query(lane, Q_BEGIN, NULL, TAG_PLAIN);
}

static void ask_pause(struct blast *b)
{
	struct db_params p = { 0 };

	log_error("blast_paused", "blast=%s error=\"%s\" remedy=\"smsctl blast log %s\"", b->struck, b->why, b->struck);
	db_param_text(&p, b->struck);
	db_param_text(&p, b->why);
	batch_query(b->lane, Q_BLAST_PAUSE, &p, TAG_PLAIN);
	*b->why = '\0';
	b->strikes = 0;
}

void blast_draw(struct blast *b, unsigned n)
{
	struct lane *lane = b->lane;
	struct db_params p = { 0 };
	char count[12], now[8];

	snprintf(count, sizeof(count), "%u", n);
	bin_time(now, hall_clock_us());
	db_param_text(&p, lane->hall->conf->instance);
	db_param_text(&p, b->id);
	db_param_text(&p, count);
	db_param_bytes(&p, now, 8);
	rate_links(lane->hall->rate, &lane->array[0], &lane->array[1]);
	array_param(&lane->array[0], &p);
	array_param(&lane->array[1], &p);
	begin(b);
	if (*b->why)
		ask_pause(b);
	batch_query(lane, Q_BLAST_TAKE, &p, TAG_DRAWN);
	batch_wait(lane);
	db_flush(lane->db);
}

/* --- texts ---------------------------------------------------------------- */

static struct blast_texts *find_texts(struct blast *b)
{
	struct str id = db_cell(b->rows, 0, COL_BLAST), hash = db_cell(b->rows, 0, COL_HASH);

	for (unsigned i = 0; i < KNOWN_MAX; i++) {
		struct blast_texts *t = b->known[i];

		if (!blast_texts_are(t, id, hash))
			continue;
		memmove(b->known + 1, b->known, i * sizeof(*b->known));
		return b->known[0] = t;
	}
	return NULL;
}

static void ask_texts(struct blast *b)
{
	struct db_params p = { 0 };

	db_param_text(&p, b->id);
	batch_query(b->lane, Q_BLAST_TEXTS, &p, TAG_TEXTS);
	batch_wait(b->lane);
	db_flush(b->lane->db);
}

static struct blast_texts *learn_texts(struct blast *b)
{
	struct blast_texts *t = blast_texts_new(db_cell(b->rows, 0, COL_BLAST), db_cell(b->rows, 0, COL_HASH), b->texts, b->why,
						sizeof(b->why));

	if (!t)
		return NULL;
	blast_texts_free(&b->known[KNOWN_MAX - 1]);
	memmove(b->known + 1, b->known, (KNOWN_MAX - 1) * sizeof(*b->known));
	return b->known[0] = t;
}

/* --- the messages ------------------------------------------------------------ */

enum { A_MSISDN, A_ID, A_VARIANT, A_LANG, A_TEXT, A_SEGMENTS, A_WHY, A_DUE, A_LINK };

static void arrays_begin(struct lane *lane)
{
	static const enum array_type type[] = {
		[A_MSISDN] = ARRAY_TEXT, [A_ID] = ARRAY_UUID, [A_VARIANT] = ARRAY_TEXT, [A_LANG] = ARRAY_TEXT,
		[A_TEXT] = ARRAY_TEXT, [A_SEGMENTS] = ARRAY_INT2, [A_WHY] = ARRAY_TEXT, [A_DUE] = ARRAY_TEXT,
		[A_LINK] = ARRAY_TEXT,
	};

	for (unsigned k = 0; k < sizeof(type) / sizeof(*type); k++)
		array_begin(&lane->array[k], type[k]);
}

static void keep_mt(struct blast *b, struct mt *mt)
{
	if (b->nmt == b->room) {
		b->room = b->room ? 2 * b->room : 256;
		b->mt = mem_grow(b->mt, b->room * sizeof(*b->mt));
	}
	b->mt[b->nmt++] = mt;
}

static void make_mt(struct blast *b, int r, const struct uuid *id, struct str port, struct str text, unsigned segments,
		    int64_t now_us)
{
	struct str msisdn = db_cell(b->rows, r, COL_MSISDN);
	struct str link = db_cell(b->rows, r, COL_LINK);
	struct mt *mt = mt_new(msisdn, port, link.len ? link : (struct str){ 0 }, text);

	mt->id = *id;
	mt->at_us = now_us - now_us % 1000000;
	snprintf(mt->msisdn.text, sizeof(mt->msisdn.text), "%.*s", STR_ARG(msisdn));
	mt->segments = segments;
	mt->report = mt->unasked = true;
	keep_mt(b, mt);
}

static const char *fate(struct str why, struct str due)
{
	return !why.ptr ? "sent" : str_eqz(why, "control") ? "control" : due.ptr ? "held" : "refused";
}

static int write_one(struct blast *b, struct blast_texts *texts, int r, struct str port, int64_t now_us)
{
	struct array *a = b->lane->array;
	struct str variant = db_cell(b->rows, r, COL_VARIANT), why = db_cell(b->rows, r, COL_WHY);
	struct uuid parent = blast_texts_uuid(texts);
	struct uuid id = uuid_derive(&parent, strtoul(PQgetvalue(b->rows, r, COL_N), NULL, 10));
	enum lang lang = lang_parse(db_cell(b->rows, r, COL_LANG));
	struct str text = STR("");
	struct err err;

	if (variant.ptr && blast_texts_write(texts, variant, lang, db_cell(b->rows, r, COL_DATA), b->lane->arena, &text, &err) < 0) {
		snprintf(b->why, sizeof(b->why), "%s", err.text);
		return -1;
	}
	unsigned segments = segment_count(text);
	if (variant.ptr && !why.ptr)
		make_mt(b, r, &id, port, text, segments, now_us);
	array_text(&a[A_MSISDN], db_cell(b->rows, r, COL_MSISDN));
	array_uuid(&a[A_ID], &id);
	array_text(&a[A_VARIANT], variant);
	array_text(&a[A_LANG], str_z(lang_name(lang)));
	array_text(&a[A_TEXT], text);
	array_int2(&a[A_SEGMENTS], (int)segments);
	array_text(&a[A_WHY], why);
	array_text(&a[A_DUE], db_cell(b->rows, r, COL_DUE));
	array_text(&a[A_LINK], db_cell(b->rows, r, COL_LINK));
	metric_add_label(M_BLAST, fate(why, db_cell(b->rows, r, COL_DUE)), 1);
	return 0;
}

static int write_all(struct blast *b, struct blast_texts *texts, struct str port, int64_t now_us)
{
	int rc = 0;

	arrays_begin(b->lane);
	for (int r = 0; rc == 0 && r < PQntuples(b->rows); r++)
		rc = write_one(b, texts, r, port, now_us);
	arena_reset(b->lane->arena);
	return rc;
}

static void ask_put(struct blast *b, const char *port, const char *conn, const char *batch, int64_t now_us)
{
	struct lane *lane = b->lane;
	struct db_params p = { 0 };
	char now[8];

	bin_time(now, now_us);
	db_param_text(&p, lane->hall->conf->instance);
	db_param_text(&p, conn);
	db_param_text(&p, batch);
	db_param_text(&p, b->id);
	db_param_text(&p, port);
	for (unsigned k = A_MSISDN; k <= A_LINK; k++)
		array_param(&lane->array[k], &p);
	db_param_bytes(&p, now, 8);
	batch_query(lane, Q_BLAST_PUT, &p, TAG_PLAIN);
}

/* Where nobody was taken there may have been other changes: a blast that began, or is over. */
static void commit(struct blast *b)
{
	struct lane *lane = b->lane;

	lane->state = LANE_TAKING;
	batch_query(lane, Q_DURABLE, NULL, TAG_PLAIN);
	batch_query(lane, Q_COMMIT, NULL, TAG_TAKEN_COMMIT);
	batch_wait(lane);
	db_flush(lane->db);
}

static void put(struct blast *b, struct blast_texts *texts)
{
	struct lane *lane = b->lane;
	struct db_params mark = { 0 };
	int64_t now_us = hall_clock_us();
	struct str port = blast_texts_port(texts);
	char conn[12], batch[24], accepted[24];

	if (!port.ptr)
		port = str_z(lane->hall->conf->port[0]);
	if (write_all(b, texts, port, now_us) < 0) {
		batch_failed(lane, b->why);
		return;
	}
	outbox_hold(lane, now_us);
	lane->accepted_telling = outbox_accepted(lane);
	snprintf(conn, sizeof(conn), "%u", lane->index);
	snprintf(batch, sizeof(batch), "%lld", (long long)lane->batch);
	snprintf(accepted, sizeof(accepted), "%lld", (long long)lane->accepted_telling);
	db_param_text(&mark, lane->hall->conf->instance);
	db_param_text(&mark, conn);
	db_param_text(&mark, batch);
	db_param_text(&mark, accepted);
	ask_put(b, port.ptr, conn, batch, now_us);
	batch_query(lane, Q_SENDER_MARK, &mark, TAG_PLAIN);
	commit(b);
	CRASH(unasked_blast_put);
}

void blast_drawn(struct blast *b)
{
	struct blast_texts *texts;

	if (!PQntuples(b->rows)) {
		commit(b);
		return;
	}
	CRASH(unasked_blast_drawn);
	snprintf(b->id, sizeof(b->id), "%s", PQgetvalue(b->rows, 0, COL_BLAST));
	texts = find_texts(b);
	if (!texts && !b->texts) {
		ask_texts(b);
		return;
	}
	if (!texts)
		texts = learn_texts(b);
	if (texts)
		put(b, texts);
	else
		batch_failed(b->lane, b->why);
}

/* --- after the transaction ----------------------------------------------------- */

unsigned blast_committed(struct blast *b)
{
	unsigned n = b->nmt;

	if (n)
		CRASH(unasked_blast_committed);
	for (unsigned i = 0; i < n; i++) {
		rate_spend(b->lane->hall->rate, b->mt[i]->link, b->mt[i]->segments);
		outbox_add(b->lane, b->mt[i], b->lane->batch);
	}
	b->nmt = 0;
	forget(b);
	if (str_eq(str_z(b->id), str_z(b->struck)))
		b->strikes = 0;
	return n;
}

unsigned blast_taken(const struct blast *b)
{
	return (unsigned)PQntuples(b->rows);
}

/* The data of a blast and its texts are its own; a lost connection, a deadlock and a full disk are nobody's. */
static bool own_fault(const struct blast *b)
{
	const char *state = b->lane->sqlstate;

	return *b->why || !strncmp(state, "22", 2) || !strncmp(state, "23", 2) || !strncmp(state, "P0", 2);
}

static void strike(struct blast *b)
{
	if (strcmp(b->id, b->struck) != 0)
		b->strikes = 0;
	snprintf(b->struck, sizeof(b->struck), "%s", b->id);
	if (++b->strikes >= STRIKES && !*b->why)
		snprintf(b->why, sizeof(b->why), "%s", b->lane->error);
	else if (b->strikes < STRIKES)
		*b->why = '\0';
}

void blast_undone(struct blast *b)
{
	if (b->rows && PQntuples(b->rows) && own_fault(b))
		strike(b);
	forget(b);
}
