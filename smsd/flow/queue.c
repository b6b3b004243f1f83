/* queue - a lane's texts that wait for a batch.
 * While little waits, first come is first served, and no text is looked at.  When much waits, a look at
 * each, those that wait already and those that come, tells whether it is about money or a change, a
 * question, or nothing that we know, and they are taken in that order.  A subscriber's own texts never
 * overtake each other. */
#include "flow/hall.h"
#include "text/fold.h"

enum { MUCH = 1024 };	/* waiting texts from which on they are looked at */
#define UNSEEN TEXT_CLASSES	/* the class of a text that was not looked at: it waits among the changes */

void queue_init(struct lane *lane)
{
	for (unsigned k = 0; k < TEXT_CLASSES; k++)
		lane->queue[k].last = &lane->queue[k].first;
	lane->waiting = map_new();
	lane->proving = map_new();
}

void queue_free(struct lane *lane)
{
	for (unsigned k = 0; k < TEXT_CLASSES; k++)
		for (struct text *t = lane->queue[k].first, *next; t; t = next) {
			next = t->next;
			text_free(t);
		}
	map_free(&lane->waiting);
	map_free(&lane->proving);
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

static struct text_queue *queue_of(struct lane *lane, const struct text *text)
{
	return &lane->queue[text->class == UNSEEN ? TEXT_CHANGE : text->class];
}

/* Not before what he sent earlier; earlier may be NULL. */
static enum text_class not_before(enum text_class class, const struct text *earlier)
{
	return earlier && earlier->class != UNSEEN && earlier->class > class ? earlier->class : class;
}

static void append(struct text_queue *q, struct text *text)
{
	text->next = NULL;
	*q->last = text;
	q->last = &text->next;
}

/* The last text of each sender in the map; its key lies in the text. */
static void remember(struct map *senders, struct text *text)
{
	map_del(senders, str_z(text->msisdn.text));
	map_put(senders, str_z(text->msisdn.text), text);
}

/* Much has come to wait: from now on nothing that waits is unseen.  An unseen text has nothing of its
 * sender's in the other queues: what was there before it would have drawn it there, and what came
 * after it was not looked at either.  So their order among the changes is all that is to be kept. */
static void look_at_all(struct lane *lane)
{
	struct text_queue *changes = &lane->queue[TEXT_CHANGE];
	struct text *first = changes->first;
	struct map *earlier = map_new();

	changes->first = NULL;
	changes->last = &changes->first;
	for (struct text *t = first, *next; t; t = next) {
		next = t->next;
		if (t->class == UNSEEN)
			t->class = not_before(classify(lane->hall, t), map_get(earlier, str_z(t->msisdn.text)));
		append(queue_of(lane, t), t);
		remember(earlier, t);
	}
	map_free(&earlier);
}

void queue_put(struct lane *lane, struct text *text)
{
	const struct text *earlier = map_get(lane->waiting, str_z(text->msisdn.text));

	if (lane->queued < MUCH) {
		/* He has something in a later queue: there it goes, looked at or not. */
		text->class = earlier && earlier->class != TEXT_CHANGE ? earlier->class : UNSEEN;
	} else {
		text->class = not_before(classify(lane->hall, text), earlier);
	}
	append(queue_of(lane, text), text);
	lane->queued++;
	remember(lane->waiting, text);
	if (lane->queued == MUCH)
		look_at_all(lane);
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
	if (lane->queued == MUCH)
		look_at_all(lane);
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
		} else if (map_get(lane->senders, str_z(t->msisdn.text)) ||
			   map_get(lane->proving, str_z(t->msisdn.text))) {
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
