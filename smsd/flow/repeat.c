/* repeat - invariant 2 for what a new gateway id hides: an SMSC that missed an
 * acknowledgement sends a text again.  What took effect is remembered (hall.repeat) for its
 * command's repeat_window, by a keyed hash of the folded text; the same text then gets the first
 * answer again.  A refusal is never remembered, and what another command undid is forgotten. */
#include <sodium.h>
#include <stdlib.h>

#include "flow/hall.h"

static struct str bytes(struct arena *arena, const PGresult *res, int row, int col)
{
	size_t n = 0;
	unsigned char *raw = PQunescapeBytea((unsigned char *)PQgetvalue(res, row, col), &n);
	struct str copy = arena_str(arena, str_n((char *)raw, n));

	PQfreemem(raw);
	return copy;
}

void repeat_take(struct lane *lane, const PGresult *res)
{
	struct arena *arena = lane->arena;

	for (int r = 0; r < PQntuples(res); r++) {
		unsigned i = (unsigned)(uintptr_t)map_get(lane->senders, str_z(PQgetvalue(res, r, 0)));

		if (!i--)
			continue;
		struct text_run *run = &lane->run[i];
		if (!run->remembered)
			run->remembered = arena_alloc(arena, PQntuples(res) * sizeof(*run->remembered));
		run->remembered[run->nremembered++] = (struct remembered){
			.port = arena_str(arena, db_cell(res, r, 1)), .key = bytes(arena, res, r, 2), .command = arena_str(arena, db_cell(res, r, 3)),
			.at_us = strtoll(PQgetvalue(res, r, 4), NULL, 10) * 1000000,
			.until_us = strtoll(PQgetvalue(res, r, 5), NULL, 10) * 1000000,
			.answer = arena_str(arena, db_cell(res, r, 6)),
		};
	}
}

static bool same_text(const struct text *t, const struct text_run *run, const struct remembered *r)
{
	return str_eq(r->port, t->port) && str_eq(r->key, str_n((char *)run->key, SEAL_HASH));
}

/* The gateway's times are compared, not ours: a text may have waited.  A repeat may even carry the
 * earlier time of the two.  An answer to a question ("Y") is known by itself, once no question waits for it. */
void repeat_look(struct lane *lane, unsigned i)
{
	const struct text *t = lane->text[i];
	struct text_run *run = &lane->run[i];
	const struct talk *talk = &run->talk;
	const struct command *command = talk->match.command;
	/* Not an answer to a step or a menu: "3" may have been said of something else. */
	bool order = command && talk->act != TALK_DONE && !talk->answers && talk->match.how && command->repeat_s;
	bool stray = !command && (talk->stray_yes || talk->act == TALK_RECENT);

	if (!run->nremembered || t->retry || !(order || stray))
		return;
	seal_hash(&lane->hall->seal, run->folded, run->key);
	for (unsigned k = 0; k < run->nremembered; k++) {
		const struct remembered *r = &run->remembered[k];
		int64_t window = order ? (int64_t)command->repeat_s * 1000000 : r->until_us - r->at_us;

		if (same_text(t, run, r) && (stray || str_eqz(r->command, command->id)) && t->at_us <= r->at_us + window &&
		    t->at_us >= r->at_us - window)
			run->repeated = r->answer;
	}
}

static bool took_effect(const struct lane *lane, unsigned i)
{
	const struct text_run *run = &lane->run[i];

	if (run->seen || run->incomplete || run->deferred || run->repeated.ptr || lane->text[i]->failed ||
	    !run->talk.command_said)
		return false;
	const struct outcome *outcome = command_outcome(run->talk.match.command, run->talk.reply.outcome);
	return outcome && outcome->effect;
}

static void put(struct array *a, const struct text *t, const struct text_run *run, const unsigned char key[SEAL_HASH])
{
	array_text(&a[0], str_z(t->msisdn.text));
	array_text(&a[1], t->port);
	array_text(&a[2], str_n((const char *)key, SEAL_HASH));
	array_text(&a[3], str_z(run->talk.match.command->id));
	array_time(&a[4], t->at_us);
	array_time(&a[5], t->at_us + (int64_t)run->talk.match.command->repeat_s * 1000000);
	array_text(&a[6], run->talk.reply.text);
}

bool repeat_put(struct lane *lane, struct db_params *p)
{
	static const enum array_type type[] = { ARRAY_TEXT, ARRAY_TEXT, ARRAY_BYTEA, ARRAY_TEXT, ARRAY_TIMESTAMPTZ,
						ARRAY_TIMESTAMPTZ, ARRAY_TEXT };
	struct array *a = lane->array;

	for (unsigned k = 0; k < 7; k++)
		array_begin(&a[k], type[k]);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct text *t = lane->text[i];
		struct text_run *run = &lane->run[i];
		unsigned char order[SEAL_HASH];
		size_t n;

		if (!took_effect(lane, i) || !run->talk.match.command->repeat_s || t->retry)
			continue;
		seal_hash(&lane->hall->seal, run->folded, run->key);
		put(a, t, run, run->key);
		/* After a question both are: the yes, and the order that was asked about. */
		if (run->talk.answers && run->talk.order.len == 2 * SEAL_HASH &&
		    sodium_hex2bin(order, sizeof(order), run->talk.order.ptr, run->talk.order.len, NULL, &n, NULL) == 0 &&
		    memcmp(order, run->key, SEAL_HASH) != 0)
			put(a, t, run, order);
	}
	for (unsigned k = 0; k < 7; k++)
		array_param(&a[k], p);
	return a[0].count > 0;
}

bool repeat_forget(struct lane *lane, struct db_params *p)
{
	struct array *a = lane->array;

	array_begin(&a[0], ARRAY_TEXT);
	array_begin(&a[1], ARRAY_TEXT);
	for (unsigned i = 0; i < lane->n; i++) {
		const struct command *command = lane->run[i].talk.match.command;

		for (unsigned k = 0; took_effect(lane, i) && k < command->nundoes; k++) {
			array_text(&a[0], str_z(lane->text[i]->msisdn.text));
			array_text(&a[1], str_z(command->undoes[k]->id));
		}
	}
	array_param(&a[0], p);
	array_param(&a[1], p);
	return a[0].count > 0;
}
