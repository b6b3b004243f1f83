/* queue - a lane's texts that wait for a batch.
 * While little waits, first come is first served.  When much waits, a look at each new text tells
 * whether it is about money or a change, a question, or nothing that we know, and they are taken in
 * that order.  A subscriber's own texts never overtake each other. */
#include "flow/hall.h"
#include "text/fold.h"

enum { MUCH = 1024 };	/* waiting texts from which on a new one is looked at */

void queue_init(struct lane *lane)
{
	for (unsigned k = 0; k < TEXT_CLASSES; k++)
		lane->queue[k].last = &lane->queue[k].first;
	lane->waiting = map_new();
}

void queue_free(struct lane *lane)
{
	for (unsigned k = 0; k < TEXT_CLASSES; k++)
		for (struct text *t = lane->queue[k].first, *next; t; t = next) {
			next = t->next;
			text_free(t);
		}
	map_free(&lane->waiting);
}

static enum text_class classify(const struct hall *hall, const struct text *text)
{
	static struct arena *arena;
	struct match_context context = { .vocabulary = hall->vocabulary, .port = text->port, .now = hall->boot_s };
	struct match match;

	if (!hall->tables || text->part_total || text->retry)
		return TEXT_CHANGE;
	if (!arena)
		arena = arena_new();
	struct str folded = fold_text(arena, text->raw);
	match_text(hall->tables, &context, arena, folded, &match);
	arena_reset(arena);
	if (match.kind != MATCH_COMMAND)
		return TEXT_SMALL_TALK;
	return match.command->risk == RISK_QUERY ? TEXT_QUERY : TEXT_CHANGE;
}

/* Not before what he sent earlier. */
static enum text_class class_of(struct lane *lane, const struct text *text)
{
	const struct text *earlier = map_get(lane->waiting, str_z(text->msisdn.text));
	enum text_class class = lane->queued < MUCH ? TEXT_CHANGE : classify(lane->hall, text);

	return earlier && earlier->class > class ? earlier->class : class;
}

void queue_put(struct lane *lane, struct text *text)
{
	text->class = class_of(lane, text);
	struct text_queue *q = &lane->queue[text->class];
	text->next = NULL;
	*q->last = text;
	q->last = &text->next;
	lane->queued++;
	map_del(lane->waiting, str_z(text->msisdn.text));
	map_put(lane->waiting, str_z(text->msisdn.text), text);
}

void queue_front(struct lane *lane, struct text *text)
{
	struct text_queue *q = &lane->queue[TEXT_CHANGE];

	text->class = TEXT_CHANGE;
	text->next = q->first;
	q->first = text;
	if (!text->next)
		q->last = &text->next;
	lane->queued++;
	if (!map_get(lane->waiting, str_z(text->msisdn.text)))
		map_put(lane->waiting, str_z(text->msisdn.text), text);
}

static void take(struct lane *lane, struct text *text)
{
	struct str who = str_z(text->msisdn.text);

	lane->queued--;
	if (map_get(lane->waiting, who) == text)
		map_del(lane->waiting, who);
	map_put(lane->senders, who, text);
	lane->text[lane->n++] = text;
}

/* In order, at most one of a sender; false when the batch is to end here. */
static bool choose_from(struct lane *lane, struct text_queue *q, unsigned max)
{
	struct text **link = &q->first, *t;
	bool more = true;

	while (more && (t = *link) != NULL && lane->n < max) {
		if (t->alone && lane->n > 0) {
			more = false;
		} else if (map_get(lane->senders, str_z(t->msisdn.text))) {
			link = &t->next;
		} else {
			*link = t->next;
			if (!t->next)
				q->last = link;
			take(lane, t);
			more = !t->alone;	/* it makes a batch of itself */
		}
	}
	return more && lane->n < max;
}

void queue_choose(struct lane *lane)
{
	map_clear(lane->senders);
	for (unsigned k = 0; k < TEXT_CLASSES; k++)
		if (!choose_from(lane, &lane->queue[k], lane->hall->conf->batch_max))
			break;
}
