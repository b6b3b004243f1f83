/* nearest_guess - what was found near a text: composed, weighed, and asked of match_text() before it
 * is offered (nearest.h). */
#include "table/nearest_private.h"

#include "table/kind.h"
#include "text/fold.h"

enum { CLEARLY = 2 };	/* half an edit */

static const struct command *command_of(const struct near_guess *g)
{
	return g->entry->command;
}

static unsigned distance(const struct near_guess *g)
{
	return (g->cost + COST_EDIT - 1) / COST_EDIT;
}

static bool same(const struct near_guess *a, const struct near_guess *b)
{
	if (command_of(a) != command_of(b) || a->usage != b->usage)
		return false;
	for (unsigned k = 0; k < ARGS_MAX; k++)
		if (!str_eq(a->value[k].normal, b->value[k].normal))
			return false;
	return true;
}

/* Composing. */

static bool ends_latin(const struct buf *out)
{
	return out->len && nearest_is_alnum((unsigned char)out->ptr[out->len - 1]);
}

/* Parted where a part is Latin, as people write: "KT 彩铃", "查9月账单". */
static void add_part(struct buf *out, struct str part, bool argument_before, bool argument)
{
	bool latin = part.len && nearest_is_alnum((unsigned char)*part.ptr);

	if (out->len && ((argument_before && argument) || (ends_latin(out) && (argument || latin))))
		buf_char(out, ' ');
	buf_str(out, part);
}

/* A first one as the command wrote it first, and all with their spaces. */
static struct str shown_literal(const struct near_guesses *all, const struct near_guess *g,
				struct str literal, bool first)
{
	const struct nearest_index *index = all->index;
	const struct entry *proper = NULL;
	const struct str *spaced;

	if (first && g->proper)
		proper = map_get(index->proper,
				 nearest_sound_key(all->arena, command_of(g), literal));
	if (proper)
		literal = proper->skeleton->element[0].literal;
	spaced = map_get(index->spaced, literal);
	return spaced ? *spaced : literal;
}

static struct str compose(const struct near_guesses *all, const struct near_guess *g, bool hide)
{
	const struct skeleton *s = g->entry->skeleton;
	struct buf out = { 0 };

	for (unsigned i = 0; i < (g->usage ? 1 : s->n); i++) {
		const struct element *e = &s->element[i];

		if (e->literal.ptr)
			add_part(&out, shown_literal(all, g, e->literal, !i), false, false);
		else if (hide && command_of(g)->arg[e->arg].secret)
			add_part(&out, STR("***"), i > 0 && !e[-1].literal.ptr, true);
		else
			add_part(&out, g->value[e->arg].text, i > 0 && !e[-1].literal.ptr, true);
	}
	struct str text = arena_str(all->arena, buf_get(&out));
	buf_free(&out);
	return text;
}

static bool has_secret(const struct near_guess *g)
{
	for (unsigned k = 0; k < command_of(g)->nargs; k++)
		if (command_of(g)->arg[k].secret && g->value[k].normal.ptr)
			return true;
	return false;
}

/* Collecting. */

static bool cheaper(const struct near_guess *a, const struct near_guess *b)
{
	if (a->cost != b->cost)
		return a->cost < b->cost;
	if (command_of(a)->risk != command_of(b)->risk)
		return command_of(a)->risk < command_of(b)->risk;
	if (a->entry->rank != b->entry->rank)
		return a->entry->rank > b->entry->rank;
	return a->entry->skeleton < b->entry->skeleton;	/* of one wording: the first in it */
}

static void put(struct near_guesses *all, unsigned at, const struct near_guess *g)
{
	if (all->n < NEAR_GUESSES)
		all->n++;
	for (unsigned i = all->n - 1; i > at; i--)
		all->guess[i] = all->guess[i - 1];
	all->guess[at] = *g;
}

static void take_out(struct near_guesses *all, unsigned at)
{
	all->n--;
	for (unsigned i = at; i < all->n; i++)
		all->guess[i] = all->guess[i + 1];
}

void near_guess_add(struct near_guesses *all, const struct near_guess *guess)
{
	const struct command *command = guess->entry->command;
	struct near_guess g = *guess;
	unsigned at = 0;

	if (command->chat ||
	    (command->province.len && !str_eq(command->province, all->context->province)))
		return;
	all->understood |= !g.cost;
	if (all->understood || (all->context->asks && command->risk != RISK_QUERY))
		return;
	while (at < all->n && !cheaper(&g, &all->guess[at])) {
		if (same(&g, &all->guess[at]))
			return;
		at++;
	}
	if (at == NEAR_GUESSES)
		return;
	g.text = compose(all, &g, false);
	if (str_eq(g.text, all->text->folded) ||
	    near_text_doubts(all->arena, all->text, all->from, all->to, g.text,
			     command->risk != RISK_QUERY))
		return;
	for (unsigned i = at; i < all->n; i++)
		if (same(&g, &all->guess[i])) {
			take_out(all, i);
			break;
		}
	put(all, at, &g);
}

/* Choosing. */

static bool reaches(const struct near_guesses *all, const struct near_guess *g)
{
	struct match_context context = *all->context;
	struct match match;

	context.asks = false;	/* seen to in near_guess_add() */
	match_text(all->index->tables, &context, all->arena, g->text, &match);
	if (match.command != command_of(g) || (match.kind == MATCH_USAGE) != g->usage)
		return false;
	for (unsigned k = 0; k < ARGS_MAX && !g->usage; k++)
		if (!str_eq(match.arg[k], g->value[k].normal))
			return false;
	return true;
}

static bool before(const struct near_guess *a, const struct near_guess *b)
{
	if (distance(a) != distance(b))
		return distance(a) < distance(b);
	if (command_of(a)->risk != command_of(b)->risk)
		return command_of(a)->risk < command_of(b)->risk;
	return cheaper(a, b);
}

static void sort(struct near_guesses *all)
{
	for (unsigned i = 1; i < all->n; i++)
		for (unsigned k = i; k > 0 && before(&all->guess[k], &all->guess[k - 1]); k--) {
			struct near_guess spare = all->guess[k];

			all->guess[k] = all->guess[k - 1];
			all->guess[k - 1] = spare;
		}
}

/* Another number is another order, however near it looks. */
static bool same_digits(struct arena *arena, struct str a, struct str b)
{
	int n[10] = { 0 };

	a = fold_digits(arena, a);
	b = fold_digits(arena, b);
	for (size_t i = 0; i < a.len; i++)
		if (nearest_is_digit((unsigned char)a.ptr[i]))
			n[a.ptr[i] - '0']++;
	for (size_t i = 0; i < b.len; i++)
		if (nearest_is_digit((unsigned char)b.ptr[i]))
			n[b.ptr[i] - '0']--;
	for (unsigned i = 0; i < 10; i++)
		if (n[i])
			return false;
	return true;
}

static bool stands_out(const struct near_guesses *all)
{
	const struct near_guess *best = &all->guess[0];
	unsigned weight = near_text_weight(all->text, all->from, all->to),
		 most = weight <= 2 ? COST_EDIT - 2 :
			weight <= 4 ? COST_EDIT - 1 :
			weight <= 6 ? COST_EDIT : 2 * COST_EDIT;

	if (best->cost > most || !same_digits(all->arena, all->text->folded, best->text))
		return false;
	for (unsigned i = 1; i < all->n; i++)
		if (all->guess[i].cost < best->cost + (weight <= 4 ? COST_EDIT - 1 : CLEARLY))
			return false;
	return true;
}

static bool settle(const struct near_guesses *all, struct near_guess *g)
{
	struct str near = g->text;

	g->proper = true;
	g->text = compose(all, g, false);
	if (!str_eq(g->text, near) && reaches(all, g))
		return true;
	g->proper = false;
	g->text = near;
	return reaches(all, g);
}

void near_guess_choose(struct near_guesses *all, struct nearest *out)
{
	if (all->understood)
		all->n = 0;
	for (unsigned i = 0; i < all->n;)
		if (all->guess[i].cost < all->guess[0].cost + COST_EDIT &&
		    settle(all, &all->guess[i]))
			i++;
		else
			take_out(all, i);
	sort(all);
	for (; out->n < all->n && out->n < NEAREST_MAX; out->n++) {
		const struct near_guess *g = &all->guess[out->n];

		out->hit[out->n] = (struct nearest_hit){
			command_of(g), g->text,	 compose(all, g, true),
			distance(g),   g->usage, has_secret(g),
		};
	}
	out->clear = all->n && stands_out(all);
}
