/* match - see match.h.  A text is compared without its spaces; where they stood is kept beside
 * it. */
#include "table/match.h"

#include "table/kind.h"
#include "table/matcher.h"
#include "text/fold.h"

enum {
	STRIPS_MAX = 6,		/* courtesies taken off, both ends together */
	VARIANTS_MAX = (STRIPS_MAX + 1) * (STRIPS_MAX + 2) / 2,
	WORK_MAX = 4096,	/* values tried for one text */
};

struct text {
	struct str folded;
	size_t offset;		/* in the text as it came */
	const char *s;		/* without spaces */
	size_t n;
	const unsigned *at;	/* where each byte of s stands in folded */
	bool repaired;
};

struct found {
	const struct command *command;
	const char *how, *wording;
	size_t fixed;		/* bytes of literals; a pattern's count as more than any */
	struct str arg[ARGS_MAX];
	size_t begin[ARGS_MAX], end[ARGS_MAX];	/* in the text as it came */
	bool rest;			/* usage: more was said */
	bool unknown[ARGS_MAX];		/* a word that the vocabulary does not know */
};

struct run {
	const struct tables *tables;
	const struct match_context *context;
	const struct command *trusted;	/* see private.h */
	struct arena *arena;
	const struct port *port;
	const struct text *text;
	struct found *found;	/* being filled */
	unsigned work;
	const struct command *refused;	/* fits the text, but not the customer or the time */
	enum refusal refusal;
};

static struct text make_text(struct arena *arena, struct str folded, size_t offset)
{
	struct text text = { .folded = folded, .offset = offset };
	char *s = arena_alloc(arena, folded.len + 1);
	unsigned *at = arena_alloc(arena, (folded.len + 1) * sizeof(*at));

	for (size_t i = 0; i < folded.len; i++)
		if (folded.ptr[i] != ' ') {
			at[text.n] = i;
			s[text.n++] = folded.ptr[i];
		}
	text.s = s;
	text.at = at;
	return text;
}

/* Whether a space, or an end of the text, stands before byte i of s. */
static bool apart(const struct text *text, size_t i)
{
	return i == 0 || i >= text->n || text->at[i] != text->at[i - 1] + 1;
}

static bool in_scope(const struct run *run, const struct command *command)
{
	return !command->province.len || str_eq(command->province, run->context->province);
}

static bool among(const struct str *list, unsigned n, struct str s)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(list[i], s))
			return true;
	return n == 0;
}

static bool right_customer(const struct audience *a, const struct match_context *context)
{
	return among(a->brand, a->nbrands, context->brand) && among(a->province, a->nprovinces, context->province) &&
	       among(a->link, a->nlinks, context->link) &&
	       (!a->list.len || (context->nlists && among(context->list, context->nlists, a->list)));
}

static bool right_time(const struct audience *a, time_t now)
{
	unsigned minute = (now + 8 * 3600) / 60 % 1440;

	if ((a->from && now < a->from) || (a->until && now >= a->until))
		return false;
	if (a->opens_min <= a->closes_min)
		return a->opens_min == a->closes_min || (minute >= a->opens_min && minute < a->closes_min);
	return minute >= a->opens_min || minute < a->closes_min;
}

bool match_audience(const struct match_context *context, const struct audience *a, enum refusal *refusal_r)
{
	if (!a)
		return true;
	bool who = context->anybody || right_customer(a, context);
	*refusal_r = who ? REFUSAL_WHEN : REFUSAL_WHO;
	return who && (context->anytime || right_time(a, context->now));
}

bool match_allowed(const struct match_context *context, const struct command *command, enum refusal *refusal_r)
{
	return match_audience(context, command->audience, refusal_r);
}

/* For a command that the text fits. */
static bool allowed(struct run *run, const struct command *command)
{
	enum refusal refusal;

	if (match_allowed(run->context, command, &refusal))
		return true;
	if (!run->refused || refusal == REFUSAL_WHEN) {
		run->refused = command;
		run->refusal = refusal;
	}
	return false;
}

static bool unknown_word_ok(const struct run *run, const struct command_arg *arg, bool strict,
			    struct str word)
{
	if (strict)
		return false;
	if (arg->pattern_code)
		return pattern_match(arg->pattern_code, run->arena, word, NULL);
	return kind_word_like(word);
}

/* Fills the argument from a span of folded text. */
static bool take_value(struct run *run, const struct command *command, unsigned k, bool strict,
		       struct str span)
{
	const struct command_arg *arg = &command->arg[k];
	struct kind_value value;

	if (run->work == 0)
		return false;
	run->work--;
	if (!arg->kind->normal(arg->kind, run->arena, run->context, span, &value))
		return false;
	value.known |= command == run->trusted;
	if (!value.known) {
		if (!unknown_word_ok(run, arg, strict, value.text))
			return false;
	} else if (arg->pattern_code && !arg->kind->vocabulary &&
		   !pattern_match(arg->pattern_code, run->arena,
				  fold_squeeze(run->arena, value.text), NULL)) {
		return false;
	}
	run->found->arg[k] = value.text;
	run->found->unknown[k] = !value.known;
	run->found->begin[k] = run->text->offset + (span.ptr - run->text->folded.ptr);
	run->found->end[k] = run->found->begin[k] + span.len;
	return true;
}

static bool take_span(struct run *run, const struct entry *entry, unsigned e, size_t i, size_t j)
{
	const struct text *t = run->text;
	const struct element *element = &entry->skeleton->element[e];
	struct str span = str_n(t->folded.ptr + t->at[i], t->at[j - 1] + 1 - t->at[i]);

	return take_value(run, entry->command, element->arg, element->strict, span);
}

static bool match_rest(struct run *run, const struct entry *entry, unsigned e, size_t i);

/* An argument before a literal: each place where the literal stands. */
static bool match_to_literal(struct run *run, const struct entry *entry, unsigned e, size_t i)
{
	const struct text *t = run->text;
	struct str literal = entry->skeleton->element[e + 1].literal;
	bool last = e + 2 == entry->skeleton->n;
	size_t j = i + 1;

	if (last && t->n > i + literal.len)
		j = t->n - literal.len;
	while (j + literal.len <= t->n) {
		const char *p = memmem(t->s + j, t->n - j, literal.ptr, literal.len);

		if (!p)
			return false;
		j = p - t->s;
		if (take_span(run, entry, e, i, j) && match_rest(run, entry, e + 1, j))
			return true;
		j++;
	}
	return false;
}

/* An argument before an argument: each space. */
static bool match_to_space(struct run *run, const struct entry *entry, unsigned e, size_t i)
{
	for (size_t j = i + 1; j < run->text->n; j++)
		if (apart(run->text, j) && take_span(run, entry, e, i, j) &&
		    match_rest(run, entry, e + 1, j))
			return true;
	return false;
}

/* "T {x}" is not to take every text that begins with a T. */
static bool stands_apart(const struct run *run, const struct skeleton *s, unsigned e, size_t i)
{
	if (!s->element[e].single)
		return true;
	return (e == 0 || apart(run->text, i)) && (e + 1 == s->n || apart(run->text, i + 1));
}

/* Elements e … against the text from byte i of s to its end. */
static bool match_rest(struct run *run, const struct entry *entry, unsigned e, size_t i)
{
	const struct skeleton *s = entry->skeleton;
	const struct text *t = run->text;

	if (e == s->n)
		return i == t->n;
	struct str literal = s->element[e].literal;
	if (literal.ptr)
		return str_starts(str_n(t->s + i, t->n - i), literal) &&
		       stands_apart(run, s, e, i) && match_rest(run, entry, e + 1, i + literal.len);
	if (i >= t->n || run->work == 0)
		return false;
	if (e + 1 == s->n)
		return take_span(run, entry, e, i, t->n);
	return s->element[e + 1].literal.ptr ? match_to_literal(run, entry, e, i) :
					       match_to_space(run, entry, e, i);
}

static bool find_exact(struct run *run)
{
	const struct entry *entry = map_get(run->port->exact, str_n(run->text->s, run->text->n));

	while (entry && !(in_scope(run, entry->command) && allowed(run, entry->command)))	/* a province's stand first */
		entry = entry->next;
	if (!entry)
		return false;
	*run->found = (struct found){ entry->command, "exact", entry->wording, run->text->n };
	return true;
}

/* The best of the skeletons with these two ends, if it is better than what was found. */
static void try_ends(struct run *run, struct str lead, unsigned tail, const struct entry **best,
		     struct found *kept)
{
	const struct text *t = run->text;
	const struct entry *entry;

	if (lead.len + tail >= t->n)
		return;
	entry = map_get(run->port->ends,
			ends_key(run->arena, lead, str_n(t->s + t->n - tail, tail)));
	for (; entry && (!*best || entry->rank > (*best)->rank); entry = entry->next) {
		*run->found = (struct found){ entry->command, "wording", entry->wording,
					      entry->skeleton->fixed };
		if (in_scope(run, entry->command) && match_rest(run, entry, 0, 0) && allowed(run, entry->command)) {
			*best = entry;
			*kept = *run->found;
		}
	}
}

static bool find_wording(struct run *run)
{
	const struct port *port = run->port;
	const struct entry *best = NULL;
	struct found kept;

	for (unsigned i = 0; i < port->nlengths; i++) {
		if (port->length[i] >= run->text->n)
			continue;
		const struct lead *lead = map_get(port->lead, str_n(run->text->s, port->length[i]));

		for (unsigned k = 0; lead && k < lead->ntails; k++)
			try_ends(run, lead->literal, lead->tail[k], &best, &kept);
	}
	if (best)
		*run->found = kept;
	return best;
}

static bool take_groups(struct run *run, const struct pattern_entry *entry,
			const struct str groups[PATTERN_GROUPS_MAX])
{
	for (unsigned g = 1; g < PATTERN_GROUPS_MAX; g++) {
		struct str span = str_trim(groups[g]);

		if (entry->arg[g] < 0 || !span.len)
			continue;
		if (!take_value(run, entry->command, entry->arg[g], false, span))
			return false;
	}
	return true;
}

static bool find_pattern(struct run *run)
{
	struct str groups[PATTERN_GROUPS_MAX], folded = run->text->folded;
	const struct pattern_list *list = &run->port->first[(unsigned char)*folded.ptr];

	for (unsigned i = 0; i < list->n; i++) {
		const struct pattern_entry *entry = list->entry[i];

		if (!in_scope(run, entry->command) ||
		    !pattern_match(entry->code, run->arena, folded, groups))
			continue;
		*run->found = (struct found){ entry->command, "pattern", entry->pattern, SIZE_MAX };
		if (take_groups(run, entry, groups) && allowed(run, entry->command))
			return true;
	}
	return false;
}

static bool find_command(struct run *run, const struct text *text)
{
	run->text = text;
	return find_exact(run) || find_wording(run) || find_pattern(run);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "CZ", "CZ 123" and "CZ123" want to recharge, "CZECH" does not. */
static bool asks_usage(const struct text *t, struct str lead)
{
	if (lead.len == t->n || apart(t, lead.len))
		return true;
	return is_digit(t->s[lead.len]) && !is_digit(lead.ptr[lead.len - 1]) &&
	       !(lead.len == 1 && *lead.ptr >= 'A');
}

static bool find_usage(struct run *run, const struct text *t)
{
	const struct port *port = run->port;
	const struct usage *group;

	for (unsigned i = 0; i < port->nlengths && port->length[i]; i++) {
		if (port->length[i] > t->n)
			continue;
		const struct lead *lead = map_get(port->lead, str_n(t->s, port->length[i]));

		group = NULL;
		if (!lead || !lead->usage || !asks_usage(t, lead->literal))
			continue;
		for (const struct usage *u = lead->usage; u; u = u->next)
			if (in_scope(run, u->entry->command) && allowed(run, u->entry->command) &&
			    (!group || u->entry->command->province.len))
				group = u;
		if (group) {
			*run->found = (struct found){ group->entry->command, "usage",
						      group->entry->wording, lead->literal.len };
			run->found->begin[0] = t->offset + t->at[lead->literal.len - 1] + 1;
			run->found->rest = lead->literal.len < t->n;
			return true;
		}
	}
	return false;
}

/* Variants of the text: without courtesies, with digits repaired. */

static bool is_word_byte(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'Z');
}

/* How many bytes of s the longest courtesy at an end takes; 0: none stands there.  A Latin one
 * must be a word of its own, and something must be left. */
static size_t courtesy(const struct phrases *phrases, const struct text *t, size_t begin,
		       size_t end, bool front)
{
	for (unsigned i = 0; i < phrases->nlengths; i++) {
		size_t len = phrases->length[i], cut = front ? begin + len : end - len;

		if (len >= end - begin)
			continue;
		if (!map_get(phrases->map, str_n(t->s + (front ? begin : cut), len)))
			continue;
		if (apart(t, cut) || !is_word_byte(t->s[cut - 1]) || !is_word_byte(t->s[cut]))
			return len;
	}
	return 0;
}

static struct text part_of(struct arena *arena, const struct text *t, size_t begin, size_t end)
{
	size_t from = t->at[begin], to = t->at[end - 1] + 1;

	return make_text(arena, str_n(t->folded.ptr + from, to - from), t->offset + from);
}

/* Every way to take f courtesies off the front and b off the back, the fewest first; variant 0
 * is the text. */
static unsigned strip(const struct run *run, struct text *variant)
{
	const struct matcher *m = run->tables->matcher;
	const struct text *t = &variant[0];
	size_t front[STRIPS_MAX + 1] = { 0 }, back[STRIPS_MAX + 1] = { t->n }, len;
	unsigned nfront = 0, nback = 0, n = 1;

	while (nfront < STRIPS_MAX &&
	       (len = courtesy(&m->before, t, front[nfront], t->n, true)) > 0) {
		front[nfront + 1] = front[nfront] + len;
		nfront++;
	}
	while (nback < STRIPS_MAX && (len = courtesy(&m->after, t, 0, back[nback], false)) > 0) {
		back[nback + 1] = back[nback] - len;
		nback++;
	}
	for (unsigned strips = 1; strips <= STRIPS_MAX; strips++)
		for (unsigned f = 0; f <= strips; f++) {
			unsigned b = strips - f;

			if (f <= nfront && b <= nback && front[f] < back[b])
				variant[n++] = part_of(run->arena, t, front[f], back[b]);
		}
	return n;
}

static unsigned repair(const struct run *run, struct text *variant, unsigned n)
{
	unsigned more = 0;

	for (unsigned i = 0; i < n; i++) {
		struct str repaired = fold_digits(run->arena, variant[i].folded);

		if (repaired.len != variant[i].folded.len || str_eq(repaired, variant[i].folded))
			continue;
		variant[n + more] = make_text(run->arena, repaired, variant[i].offset);
		variant[n + more++].repaired = true;
	}
	return n + more;
}

static bool all_known(const struct found *found)
{
	for (unsigned k = 0; k < ARGS_MAX; k++)
		if (found->arg[k].ptr && found->unknown[k])
			return false;
	return true;
}

/* The first variant that asks for a command.  Only when a word of it is unknown the others are
 * asked whether they know it ("开通彩铃谢谢"), and what is left of it after all courtesies counts. */
static bool find_in_variants(struct run *run, const struct text *variant, unsigned n)
{
	struct found now;
	bool any = run->found->command;

	for (unsigned i = 0; i < n; i++) {
		struct found *kept = run->found;
		bool found;

		run->found = &now;
		found = find_command(run, &variant[i]);
		run->found = kept;
		if (!found)
			continue;
		if (all_known(&now)) {
			*kept = now;
			return true;
		}
		if (!any || (now.command == kept->command && !variant[i].repaired))
			*kept = now;
		any = true;
	}
	return any;
}

/* Hiding. */

static void hide_arguments(struct run *run, struct str folded, struct match *out)
{
	const struct found *f = run->found;
	struct str before = { folded.ptr, 0 }, result = STR("");
	size_t done = 0;

	for (;;) {
		int next = -1;

		for (unsigned k = 0; k < f->command->nargs; k++)
			if (f->command->arg[k].secret && f->arg[k].ptr && f->begin[k] >= done &&
			    (next < 0 || f->begin[k] < f->begin[next]))
				next = (int)k;
		if (next < 0)
			break;
		before = str_n(folded.ptr + done, f->begin[next] - done);
		result = arena_printf(run->arena, "%.*s%.*s***", STR_ARG(result), STR_ARG(before));
		done = f->end[next];
		out->secret = true;
	}
	if (out->secret)
		out->redacted = arena_printf(run->arena, "%.*s%.*s", STR_ARG(result),
					     (int)(folded.len - done), folded.ptr + done);
}

/* Behind the fixed part of a command with secrets anything may be one, digits or not. */
static void hide_unmatched(struct run *run, struct str folded, struct match *out)
{
	size_t fixed = out->command ? run->found->begin[0] : 0;

	if (out->command && command_has_secret(out->command) && fixed < folded.len)
		out->redacted = arena_printf(run->arena, "%.*s ***", (int)fixed, folded.ptr);
	else
		out->redacted = fold_redact(run->arena, folded);
	out->secret = !str_eq(out->redacted, folded);
}

static const struct port *find_port(const struct matcher *m, struct str number)
{
	for (unsigned i = 0; i < m->nports; i++)
		if (str_starts(number, m->port[i]->number))
			return m->port[i];
	return NULL;
}

/* Most texts match as they are: variants are made only when this one did not. */
static bool search_command(struct run *run, struct text *variant, unsigned *n_r)
{
	if (find_in_variants(run, variant, 1) && all_known(run->found))
		return true;
	*n_r = strip(run, variant);
	*n_r = repair(run, variant, *n_r);
	return find_in_variants(run, variant + 1, *n_r - 1);
}

static bool usage_in_variants(struct run *run, const struct text *variant, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (find_usage(run, &variant[i]))
			return true;
	return false;
}

static enum match_kind search(struct run *run, struct str folded)
{
	struct text variant[2 * VARIANTS_MAX];
	unsigned n = 1;

	variant[0] = make_text(run->arena, folded, 0);
	if (search_command(run, variant, &n)) {
		struct found command = *run->found;

		if (all_known(&command))
			return MATCH_COMMAND;
		/* "QXBM" wants to cancel a registration, not a service that nobody knows. */
		if (usage_in_variants(run, variant, n) && run->found->fixed > command.fixed)
			return MATCH_USAGE;
		*run->found = command;
		return MATCH_COMMAND;
	}
	if (run->refused)
		return MATCH_REFUSED;
	return usage_in_variants(run, variant, n) ? MATCH_USAGE : run->refused ? MATCH_REFUSED : MATCH_NONE;
}

bool match_phrase(const struct tables *tables, struct arena *arena, struct str folded, const struct str *phrase, unsigned n)
{
	struct text variant[2 * VARIANTS_MAX];
	struct run run = { .tables = tables, .arena = arena };

	if (!folded.len)
		return false;
	variant[0] = make_text(arena, folded, 0);
	unsigned variants = strip(&run, variant);
	for (unsigned i = 0; i < variants; i++)
		for (unsigned k = 0; k < n; k++)
			if (str_eq(str_n(variant[i].s, variant[i].n), phrase[k]))
				return true;
	return false;
}

bool match_value(const struct tables *tables, const struct match_context *context, struct arena *arena,
		 const struct command *command, unsigned arg, struct str folded, struct str *out_r)
{
	struct text variant[2 * VARIANTS_MAX];
	struct found found = { 0 };
	struct run run = { tables, context, NULL, arena, .found = &found, .work = WORK_MAX };

	if (!folded.len)
		return false;
	variant[0] = make_text(arena, folded, 0);
	unsigned n = strip(&run, variant);
	n = repair(&run, variant, n);
	for (unsigned i = 0; i < n; i++) {
		run.text = &variant[i];
		if (take_value(&run, command, arg, false, variant[i].folded)) {
			*out_r = found.arg[arg];
			return true;
		}
	}
	return false;
}

bool match_asks(struct str raw)
{
	return raw.len && (memchr(raw.ptr, '?', raw.len) || memmem(raw.ptr, raw.len, "？", strlen("？")));
}

void match_trusting(const struct tables *tables, const struct match_context *context,
		    const struct command *trusted, struct arena *arena, struct str folded,
		    struct match *out_r)
{
	struct found found = { 0 };
	struct run run = { tables, context, trusted, arena, .found = &found, .work = WORK_MAX };

	*out_r = (struct match){ .redacted = folded };
	run.port = tables->matcher ? find_port(tables->matcher, context->port) : NULL;
	if (run.port && folded.len)
		out_r->kind = search(&run, folded);
	if (context->asks && out_r->kind == MATCH_COMMAND && found.command->risk != RISK_QUERY)
		out_r->kind = found.command->usage.source[LANG_ZH].ptr ? MATCH_USAGE : MATCH_NONE;
	if (out_r->kind == MATCH_REFUSED) {
		found = (struct found){ .command = run.refused, .how = "refused" };
		out_r->refusal = run.refusal;
	}
	if (out_r->kind != MATCH_NONE) {
		out_r->command = found.command;
		out_r->how = found.how;
		out_r->wording = found.wording;
		out_r->rest = found.rest;
	}
	if (out_r->kind == MATCH_COMMAND) {
		memcpy(out_r->arg, found.arg, sizeof(out_r->arg));
		hide_arguments(&run, folded, out_r);
	} else {
		hide_unmatched(&run, folded, out_r);
	}
}

void match_text(const struct tables *tables, const struct match_context *context,
		struct arena *arena, struct str folded, struct match *out_r)
{
	match_trusting(tables, context, NULL, arena, folded, out_r);
}
