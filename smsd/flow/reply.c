/* reply - see reply.h. */
#include "flow/reply.h"

#include <stdio.h>

#include "base/log.h"
#include "base/map.h"

/* Template names are, in this order: the SQL's columns, the arguments, and these (tables_bind()). */
enum { FIXED_MSISDN, FIXED_NOW, FIXED_PORT, FIXED_WITHIN };

struct filler {
	const struct reply_input *in;
	unsigned ncolumns, nargs;
	struct str within;
};

static struct str column(const PGresult *result, unsigned row, unsigned col)
{
	if (!result || (int)row >= PQntuples(result) || (int)col >= PQnfields(result) ||
	    PQgetisnull(result, row, col))
		return (struct str){ 0 };
	return str_n(PQgetvalue(result, row, col), PQgetlength(result, row, col));
}

static struct str fill(void *arg, unsigned row, unsigned col)
{
	const struct filler *f = arg;

	if (col < f->ncolumns)
		return column(f->in->result, row, col);
	col -= f->ncolumns;
	if (col < f->nargs)
		return f->in->match->arg[col];
	switch (col - f->nargs) {
	case FIXED_MSISDN:
		return f->in->msisdn;
	case FIXED_PORT:
		return f->in->port;
	case FIXED_WITHIN:
		return f->within;
	default:
		return f->in->now;
	}
}

static struct str render(const struct template *template, struct filler *f, struct arena *arena)
{
	struct buf out = { 0 };
	struct template_data data = {
		.rows = f->in->result ? PQntuples(f->in->result) : 0,
		.get = fill,
		.arg = f,
		.lang = lang_name(f->in->lang),
	};

	template_render(template, &data, &out);
	struct str text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

/* What the SQL said: its outcome column; ok where it has none; none where it gave no row. */
static struct str outcome_of(const struct command *command, const PGresult *result)
{
	if (PQntuples(result) == 0)
		return STR("none");
	if (command->outcome_column < 0)
		return STR("ok");
	struct str outcome = column(result, 0, command->outcome_column);
	return outcome.ptr ? outcome : STR("none");
}

struct str reply_span(struct arena *arena, unsigned seconds, enum lang lang)
{
	static const struct { unsigned seconds; const char *zh, *en; } units[] = {
		{ 24 * 3600, "天", "day" }, { 3600, "小时", "hour" }, { 60, "分钟", "minute" }, { 1, "秒", "second" },
	};
	unsigned i = 0;

	/* 24小时, not 1天: what a customer was told to the hour. */
	while (i < 3 && (seconds % units[i].seconds || seconds < (i ? 1 : 2) * units[i].seconds))
		i++;
	unsigned n = seconds / units[i].seconds;
	if (lang == LANG_EN)
		return arena_printf(arena, "%u %s%s", n, units[i].en, n == 1 ? "" : "s");
	return arena_printf(arena, "%u%s", n, units[i].zh);
}

struct str reply_moment(struct arena *arena, int64_t at_us, int64_t now_us)
{
	time_t at = at_us / 1000000 + 8 * 3600 + 59, now = now_us / 1000000 + 8 * 3600;	/* rounded up to the minute */
	struct tm tm, today;

	gmtime_r(&at, &tm);
	gmtime_r(&now, &today);
	if (tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year)
		return arena_printf(arena, "%02d:%02d", tm.tm_hour, tm.tm_min);
	return arena_printf(arena, "%02d-%02d %02d:%02d", tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

struct answer_filler {
	const struct answer_input *in;
	struct arena *arena;
};

static struct str fill_answer(void *arg, unsigned row, unsigned col)
{
	const struct answer_filler *f = arg;

	if (col == ANSWER_N)
		return arena_printf(f->arena, "%u", row + 1);
	if (col == ANSWER_WHAT && row < f->in->nrows)
		return f->in->what[row];
	return f->in->value[col];
}

struct str reply_answer(const struct answer_input *in, struct arena *arena)
{
	const struct template *template = tables_answer(in->tables, in->name, in->lang);
	struct answer_filler f = { in, arena };
	struct template_data data = {
		.rows = in->nrows, .get = fill_answer, .arg = &f, .lang = lang_name(in->lang),
	};
	struct buf out = { 0 };

	if (!template)
		template = tables_answer(in->tables, "unknown", in->lang);
	template_render(template, &data, &out);
	struct str text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

struct str reply_plain(const struct text2 *text, const struct reply_input *in, struct arena *arena)
{
	struct filler f = { .in = in };
	const struct template *template = text->template[in->lang];

	return template ? render(template, &f, arena) : STR("");
}

static bool in_control(const struct tip *tip, const struct reply_input *in)
{
	return map_draw(in->msisdn, str_z(tip->name)) % 100 < tip->control;
}

static bool tip_allowed(const struct tip *tip, const struct reply_input *in, struct str group)
{
	bool wanted = false;
	enum refusal refusal;

	for (unsigned i = 0; i < tip->nfor && !wanted; i++)
		wanted = str_eqz(group, tip->for_group[i]);
	if (!wanted || !match_audience(in->context, tip->audience, &refusal))
		return false;
	for (unsigned i = 0; tip->cap && i < in->ntip_counts; i++)
		if (str_eqz(in->tip_counts[i].tip, tip->name) && in->tip_counts[i].times >= tip->cap)
			return false;
	return true;
}

bool reply_may_tip(const struct reply_input *in)
{
	const char *group = in->match->command->tip;

	for (unsigned i = 0; group && in->context && i < in->tables->ntips; i++)
		if (tip_allowed(in->tables->tip[i], in, str_z(group)))
			return true;
	return false;
}

/* The text with the tip behind it, or NULL when that would cost a segment. */
static struct str with_tip(const struct tip *tip, const struct reply_input *in, struct str text,
			   unsigned segments, struct arena *arena)
{
	struct filler f = { .in = in };
	struct str add = render(tip->text.template[in->lang], &f, arena);
	struct str both = arena_printf(arena, "%.*s %.*s", STR_ARG(text), STR_ARG(add));

	if (segment_count(both) > segments || glyph_coding(both) != glyph_coding(text))
		return (struct str){ 0 };
	return both;
}

/* Weighted, and decided by the text's id: running a batch again chooses the same tip.  One whose control group the sender
 * is in takes part, and then nothing rides: it is held against those who would have seen nothing else either. */
static void add_tip(const struct reply_input *in, struct arena *arena, struct reply *reply)
{
	struct str group = str_z(in->match->command->tip);
	const struct tables *t = in->tables;
	const struct tip *fits[32];
	struct str text[32];
	unsigned n = 0, weight = 0;

	for (unsigned i = 0; i < t->ntips && n < 32; i++) {
		if (!tip_allowed(t->tip[i], in, group))
			continue;
		text[n] = with_tip(t->tip[i], in, reply->text, reply->segments, arena);
		if (!text[n].ptr)
			continue;
		weight += t->tip[i]->weight;
		fits[n++] = t->tip[i];
	}
	if (!n)
		return;
	uint64_t draw = map_draw(uuid_key(in->mo_id), STR("tip")) % (weight ? weight : 1);
	unsigned i = 0;
	while (i + 1 < n && draw >= fits[i]->weight)
		draw -= fits[i++]->weight;
	if (in_control(fits[i], in)) {
		reply->withheld = fits[i];
		return;
	}
	reply->tip = fits[i];
	reply->text = text[i];
}

static const struct template *wording(const struct reply_input *in, struct reply *reply)
{
	const struct command *command = in->match->command;

	if (in->failed) {
		reply->outcome = STR("error");
		return tables_answer(in->tables, "error", in->lang);
	}
	switch (in->match->kind) {
	case MATCH_NONE: case MATCH_REFUSED:
		reply->outcome = STR("unknown");
		return tables_answer(in->tables, "unknown", in->lang);
	case MATCH_USAGE:
		reply->outcome = STR("usage");
		return command->usage.template[in->lang];
	case MATCH_COMMAND:
		break;
	}
	reply->outcome = outcome_of(command, in->result);
	const struct outcome *outcome = command_outcome(command, reply->outcome);
	return outcome ? outcome->text.template[in->lang] : NULL;
}

void reply_measure(struct arena *arena, struct reply *reply)
{
	struct segments cut;

	if (reply->text.len == 0)	/* an answer must be something: NULL text kills bearerbox */
		reply->text = STR(" ");
	reply->segments = segment_count(reply->text);
	if (reply->segments <= REPLY_SEGMENTS_MAX)
		return;
	log_warn("reply_cut", "segments=%u max=%d", reply->segments, REPLY_SEGMENTS_MAX);
	if (segment_text(reply->text, SEGMENT_MAX, &cut, NULL) == 0) {
		struct str last = cut.part[REPLY_SEGMENTS_MAX - 1];

		reply->text = arena_str(arena, str_n(reply->text.ptr, last.ptr + last.len - reply->text.ptr));
	} else {
		reply->text = arena_str(arena, str_n(reply->text.ptr, 0));
	}
	reply->segments = REPLY_SEGMENTS_MAX;
}

int reply_make(const struct reply_input *in, struct arena *arena, struct reply *out_r, struct err *err)
{
	const struct command *command = in->match->command;
	bool own = in->failed || in->match->kind == MATCH_NONE;

	*out_r = (struct reply){ 0 };
	const struct template *template = wording(in, out_r);
	if (!template)
		return err_set(err, ERR_PERM, "command %s has no reply for outcome '%.*s' (add it to the table)",
			       command ? command->id : "-", STR_ARG(out_r->outcome));
	struct filler f = { .in = in };
	if (!own) {
		f.ncolumns = command->ncolumns;
		f.nargs = command->nargs;
		f.within = reply_span(arena, in->within_s, in->lang);
	}
	out_r->text = render(template, &f, arena);
	out_r->outcome = arena_str(arena, out_r->outcome);
	reply_measure(arena, out_r);
	if (!own && command->tip && in->match->kind == MATCH_COMMAND && in->tip_room && in->context)
		add_tip(in, arena, out_r);
	return 0;
}

void reply_params(const struct param_input *in, struct arena *arena, const char **out)
{
	const struct command *command = in->match->command;

	for (unsigned i = 0; i < command->nparams; i++) {
		const struct command_param *p = &command->param[i];
		struct str value = { 0 };

		switch (p->source) {
		case PARAM_MSISDN: value = in->msisdn; break;
		case PARAM_MO_ID: {
			char *text = arena_alloc(arena, UUID_TEXT + 1);

			uuid_format(in->mo_id, text);
			value = str_z(text);
			break;
		}
		case PARAM_NOW: value = in->now; break;
		case PARAM_LANG: value = str_z(lang_name(in->lang)); break;
		case PARAM_PORT: value = in->port; break;
		case PARAM_LINK: value = in->link; break;
		case PARAM_TRIGGER: case PARAM_LEVEL: case PARAM_STEP: break;	/* of reminders, which bind them themselves */
		case PARAM_ARG:
			value = in->match->arg[p->arg];
			if (in->hash_new && value.ptr && !strcmp(command->arg[p->arg].kind_name, "new_password"))
				value = str_z(in->hash_new);
			break;
		case PARAM_ASKED: value = slots_get(in->quoted, "q.", p->name); break;
		}
		out[i] = value.ptr ? arena_z(arena, value) : NULL;
	}
}
