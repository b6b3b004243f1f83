/* nearest - see nearest.h.  The text's beginning and its end are looked up among the literals that
 * wordings begin and end with; what lies between them must be their arguments. */
#include "table/nearest_private.h"

#include "table/kind.h"
#include "text/fold.h"

enum {
	REACHES_MAX = 64,	/* literals near one end of the text */
	WORK_MAX = 4096,	/* shapes and spans tried for one text */
	SLIP = 3,		/* the cost of arguments swapped, or not parted */
	NEVER = COST_FAR,
};

struct reach {			/* a literal that is near, and how far into the text it reaches */
	uint32_t id;
	unsigned char at, cost;
};

struct reaches {
	unsigned n;
	struct reach list[REACHES_MAX];
};

struct seek {
	const struct near_port *port;
	struct near_guesses *all;
	struct arena *arena;
	const struct near_text *text;
	unsigned from, to;	/* the symbols to be compared */
	unsigned work;
	struct near_speller speller;
	struct reaches leads, tails;
	/* The shape being tried: */
	const struct entry *entry;
	unsigned last, end;	/* elements and symbols before the trailing literal */
	unsigned swapped;	/* bits of two arguments that stand the other way round; 0: none */
	struct near_guess guess;
};

/* Arguments. */

static struct str span_of(const struct near_text *t, unsigned begin, unsigned end)
{
	return str_n(t->folded.ptr + t->begin[begin], t->end[end - 1] - t->begin[begin]);
}

/* What takes any word is no evidence: its fixed part must be a word that stands apart. */
static bool loose_ok(const struct seek *run, unsigned e, unsigned begin)
{
	const struct skeleton *s = run->entry->skeleton;

	return e > 0 && s->element[e - 1].literal.len > 2 && near_text_apart(run->text, begin) &&
	       begin - run->from > 2 && run->to - begin <= 12;
}

static bool take_exact(struct seek *run, unsigned k, struct str span)
{
	const struct command_arg *arg = &run->entry->command->arg[k];
	struct kind_value value;

	if (!arg->kind->normal(arg->kind, run->arena, run->all->context, span, &value) ||
	    !value.known)
		return false;
	if (arg->pattern_code && !arg->kind->vocabulary &&
	    !pattern_match(arg->pattern_code, run->arena, fold_squeeze(run->arena, value.text),
			   NULL))
		return false;
	run->guess.value[k] = (struct near_value){ span, value.text };
	return true;
}

static unsigned argument(const struct seek *run, unsigned e)
{
	unsigned k = run->entry->skeleton->element[e].arg;

	return run->swapped & 1u << k ? (unsigned)__builtin_ctz(run->swapped & ~(1u << k)) : k;
}

/* Fills the argument of element e from a span in its choice-th way; the cost, or NEVER. */
static unsigned take(struct seek *run, unsigned e, unsigned begin, unsigned end, unsigned choice)
{
	const struct command *command = run->entry->command;
	unsigned k = argument(run, e);
	struct str span = span_of(run->text, begin, end), repaired;
	const struct kind *kind = command->arg[k].kind;
	const struct near_spelling *near;

	if (run->work == 0)
		return NEVER;
	run->work--;
	if (kind->rank <= 1 && !loose_ok(run, e, begin))
		return NEVER;
	if (take_exact(run, k, span))
		return choice ? NEVER : 0;
	if (!kind->vocabulary) {
		repaired = fold_digits(run->arena, span);
		return !choice && !str_eq(span, repaired) && take_exact(run, k, repaired) ? 0 :
											    NEVER;
	}
	near = near_spell(&run->speller, kind, begin, end);
	if (choice >= near->n)
		return NEVER;
	run->guess.value[k] =
		(struct near_value){ near->word[choice]->word, near->word[choice]->code };
	return near->cost[choice];
}

/* Shapes. */

/* Characters that tell: the fixed part's and the words'. */
static unsigned shape_weight(const struct seek *run)
{
	const struct skeleton *s = run->entry->skeleton;
	unsigned n = 0;

	for (unsigned e = 0; e < s->n; e++) {
		struct str part = s->element[e].literal;

		if (!part.ptr) {
			if (!run->entry->command->arg[s->element[e].arg].kind->vocabulary)
				continue;
			part = run->guess.value[s->element[e].arg].text;
		}
		for (size_t i = 0; i < part.len; i++)
			n += ((unsigned char)part.ptr[i] & 0xc0) != 0x80;
	}
	return n;
}

static void emit(struct seek *run, unsigned cost)
{
	if (cost > nearest_limit_whole(shape_weight(run)))
		return;
	run->guess.cost = cost;
	run->guess.entry = run->entry;
	near_guess_add(run->all, &run->guess);
}

static void fill(struct seek *run, unsigned e, unsigned i, unsigned cost);

static void fill_to(struct seek *run, unsigned e, unsigned i, unsigned j, unsigned next,
		    unsigned cost)
{
	for (unsigned choice = 0; choice < NEAR_WORDS; choice++) {
		unsigned more = take(run, e, i, j, choice);

		if (more == NEVER)
			return;
		if (cost + more <= 2 * COST_EDIT)
			fill(run, e + 1, next, cost + more);
	}
}

static bool literal_at(const struct seek *run, struct str literal, unsigned i, unsigned *end_r)
{
	const struct near_text *t = run->text;

	if (!str_starts(str_n(t->squeezed + t->at[i], t->at[run->end] - t->at[i]), literal))
		return false;
	for (; literal.len; i++)
		str_skip(&literal, t->at[i + 1] - t->at[i]);
	*end_r = i;
	return true;
}

static bool shaped(const struct seek *run, unsigned e)
{
	return run->entry->command->arg[argument(run, e)].kind->rank > 2;
}

/* Two arguments that nothing parts, or a wrong character: where they can be parted in one way
 * only. */
static void fill_glued(struct seek *run, unsigned e, unsigned i, unsigned cost)
{
	unsigned found = 0, at = 0, next = 0;

	if (!shaped(run, e) || !shaped(run, e + 1) || e + 2 != run->last)
		return;
	for (unsigned j = i + 1; j < run->end; j++)
		for (unsigned skip = 0; skip < 2 && j + skip < run->end; skip++) {
			if (skip && nearest_is_digit(run->text->symbol[j].c))
				break;
			if (take(run, e, i, j, 0) == NEVER ||
			    take(run, e + 1, j + skip, run->end, 0) == NEVER)
				continue;
			found++;
			at = j;
			next = j + skip;
		}
	if (found == 1)
		fill_to(run, e, i, at, next, cost + SLIP);
}

static void fill_pair(struct seek *run, unsigned e, unsigned i, unsigned cost)
{
	unsigned before = run->all->n;

	for (unsigned j = i + 1; j < run->end; j++)
		if (near_text_apart(run->text, j))
			fill_to(run, e, i, j, j, cost);
	if (run->all->n == before && !run->swapped)
		fill_glued(run, e, i, cost);
}

/* Elements e … before the trailing literal against the symbols i … before it. */
static void fill(struct seek *run, unsigned e, unsigned i, unsigned cost)
{
	const struct skeleton *s = run->entry->skeleton;
	unsigned end;

	if (e == run->last) {
		if (i == run->end)
			emit(run, cost);
		return;
	}
	if (s->element[e].literal.ptr) {
		if (literal_at(run, s->element[e].literal, i, &end))
			fill(run, e + 1, end, cost);
		return;
	}
	if (i >= run->end)
		return;
	if (e + 1 == run->last)
		fill_to(run, e, i, run->end, run->end, cost);
	else if (!s->element[e + 1].literal.ptr)
		fill_pair(run, e, i, cost);
	else
		for (unsigned j = i + 1; j < run->end; j++)
			if (literal_at(run, s->element[e + 1].literal, j, &end))
				fill_to(run, e, i, j, j, cost);
}

/* "T3": a single letter is to be parted from what follows. */
static unsigned glued_letter(const struct seek *run, const struct reach *lead)
{
	const struct element *first = &run->entry->skeleton->element[0];

	return first->single && !near_text_apart(run->text, lead->at) ? SLIP : 0;
}

static void try_shape(struct seek *run, const struct entry *entry, const struct reach *lead,
		      const struct reach *tail)
{
	const struct skeleton *s = entry->skeleton;
	unsigned i = lead ? lead->at : run->from,
		 cost = (lead ? lead->cost : 0) + (tail ? tail->cost : 0);

	if (run->work == 0 || entry->command->nargs > ARGS_MAX)
		return;
	run->work--;
	run->entry = entry;
	run->last = s->n - (tail != NULL);
	run->end = tail ? tail->at : run->to;
	if (lead)
		cost += glued_letter(run, lead);
	if (i >= run->end || cost > 2 * COST_EDIT)
		return;
	memset(&run->guess, 0, sizeof(run->guess));
	run->swapped = 0;
	fill(run, lead != NULL, i, cost);
	if (__builtin_popcount(s->args) != 2)
		return;
	memset(&run->guess, 0, sizeof(run->guess));
	run->swapped = s->args;
	fill(run, lead != NULL, i, cost + SLIP);
}

/* Ends. */

static void add_reach(struct reaches *list, uint32_t id, unsigned at, unsigned cost)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->list[i].id == id && list->list[i].at == at) {
			if (cost < list->list[i].cost)
				list->list[i] = (struct reach){ id, at, cost };
			return;
		}
	if (list->n < REACHES_MAX)
		list->list[list->n++] = (struct reach){ id, at, cost };
}

static void guess_entries(struct seek *run, const struct entry *entry, unsigned cost)
{
	for (; entry; entry = entry->next)
		near_guess_add(run->all, &(struct near_guess){ .entry = entry, .cost = cost });
}

/* A literal that is all there is asks how the command is used.  Two letters would be anything, and so
 * would other Chinese than what sounds the same. */
static bool asks_usage(const struct lead *lead, unsigned cost)
{
	bool latin = (unsigned char)*lead->literal.ptr < 0x80;

	return !cost || (lead->literal.len > 2 && (latin || cost < COST_EDIT));
}

static void guess_lead(struct seek *run, const struct form *form, unsigned at, unsigned cost)
{
	const struct lead *lead = run->port->lead[form->owner].lead;

	add_reach(&run->leads, form->owner, run->from + at, cost);
	if (at < run->to - run->from || form->how != FORM_AS_IS || !asks_usage(lead, cost))
		return;
	for (const struct usage *u = lead->usage; u; u = u->next)
		near_guess_add(run->all, &(struct near_guess){
						 .entry = u->entry, .cost = cost, .usage = true });
}

static void find_heads(struct seek *run)
{
	const struct dict *heads = run->port->heads;
	const struct symbol *text = run->text->symbol + run->from;
	const struct form *found[DICT_FOUND_MAX];
	unsigned n = run->to - run->from, nfound = dict_find(heads, text, n, false, found);
	struct near_ends ends;

	for (unsigned i = 0; i < nfound; i++) {
		const struct form *form = found[i];

		near_ends_find(heads, form, text, n, form->use == NEAR_EXACT, &ends);
		for (unsigned k = 0; k < ends.n; k++)
			if (form->use == NEAR_EXACT)
				guess_entries(run, run->port->exact[form->owner], ends.cost[k]);
			else
				guess_lead(run, form, ends.at[k], ends.cost[k]);
	}
}

static void find_tails(struct seek *run)
{
	const struct dict *tails = run->port->tails;
	const struct form *found[DICT_FOUND_MAX];
	struct symbol backwards[SYMBOLS_MAX];
	unsigned n = run->to - run->from, nfound;
	struct near_ends ends;

	for (unsigned i = 0; i < n; i++)
		backwards[i] = run->text->symbol[run->to - 1 - i];
	nfound = dict_find(tails, backwards, n, false, found);
	for (unsigned i = 0; i < nfound; i++) {
		near_ends_find(tails, found[i], backwards, n, false, &ends);
		for (unsigned k = 0; k < ends.n; k++)
			add_reach(&run->tails, found[i]->owner, run->to - ends.at[k], ends.cost[k]);
	}
}

/* Those of the shapes that end like this; they are sorted by it. */
static void try_ending(struct seek *run, const struct near_shapes *shapes, const struct reach *lead,
		       const struct reach *tail)
{
	uint32_t id = tail ? tail->id : NO_TAIL;
	unsigned low = 0, high = shapes->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (shapes->list[middle].tail < id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < shapes->n && shapes->list[low].tail == id && run->work; low++)
		try_shape(run, shapes->list[low].entry, lead, tail);
}

static void try_shapes(struct seek *run, const struct near_shapes *shapes, const struct reach *lead)
{
	for (unsigned i = 0; i < run->tails.n; i++)
		try_ending(run, shapes, lead, &run->tails.list[i]);
	try_ending(run, shapes, lead, NULL);
}

static void seek(struct seek *run, unsigned from, unsigned to)
{
	run->from = run->all->from = from;
	run->to = run->all->to = to;
	run->leads.n = run->tails.n = 0;
	if (to - from < 2)
		return;
	find_heads(run);
	find_tails(run);
	for (unsigned i = 0; i < run->leads.n; i++) {
		const struct reach *lead = &run->leads.list[i];

		try_shapes(run, &run->port->lead[lead->id].shapes, lead);
	}
	for (unsigned i = 0; i < run->tails.n; i++)
		try_ending(run, &run->port->tail[run->tails.list[i].id], NULL, &run->tails.list[i]);
	try_ending(run, &run->port->bare, NULL, NULL);
}

static const struct near_port *find_port(const struct nearest_index *index, struct str number)
{
	for (unsigned i = 0; i < index->nports; i++)
		if (str_starts(number, index->port[i].number))
			return &index->port[i];
	return NULL;
}

void nearest_find(const struct nearest_index *index, const struct nearest_words *words,
		  const struct match_context *context, struct arena *arena, struct str folded,
		  struct nearest *out_r)
{
	struct near_text text;
	struct near_guesses all;
	struct seek run;
	unsigned from, to;

	*out_r = (struct nearest){ 0 };
	run.port = find_port(index, context->port);
	if (!run.port || !near_text_read(&text, folded) ||
	    near_text_courtesy(&text, index->tables->matcher))
		return;
	all.index = index;
	all.context = context;
	all.arena = arena;
	all.text = &text;
	all.understood = false;
	all.n = 0;
	run.all = &all;
	run.arena = arena;
	run.text = &text;
	run.work = WORK_MAX;
	run.speller.words = words;
	run.speller.text = &text;
	run.speller.n = 0;
	seek(&run, 0, text.n);
	near_text_strip(&text, index->tables->matcher, &from, &to);
	if (from > 0 || to < text.n)
		seek(&run, from, to);
	near_guess_choose(&all, out_r);
}
