/* reply - see reply.h. */
#include "flow/reply.h"

#include <stdio.h>

#include "base/log.h"

/* Template names are, in this order: the SQL's columns, the arguments, and these (tables_bind()). */
enum { FIXED_MSISDN, FIXED_NOW, FIXED_PORT };

struct filler {
	const struct reply_input *in;
	unsigned ncolumns, nargs;
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

static uint64_t mix(struct str a, struct str b)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < a.len; i++)
		h = (h ^ (unsigned char)a.ptr[i]) * 1099511628211u;
	for (size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.ptr[i]) * 1099511628211u;
	return h ^ h >> 29;
}

static bool tip_allowed(const struct tip *tip, const struct reply_input *in, struct str group)
{
	bool wanted = false;

	for (unsigned i = 0; i < tip->nfor && !wanted; i++)
		wanted = str_eqz(group, tip->for_group[i]);
	if (!wanted || mix(in->msisdn, str_z(tip->name)) % 100 < tip->control)
		return false;
	for (unsigned i = 0; tip->cap && i < in->ntip_counts; i++)
		if (str_eqz(in->tip_counts[i].tip, tip->name) && in->tip_counts[i].times >= tip->cap)
			return false;
	return true;
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

/* Weighted, and decided by the text's id: running a batch again chooses the same tip. */
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
	uint64_t draw = mix(uuid_key(in->mo_id), STR("tip")) % (weight ? weight : 1);
	unsigned i = 0;
	while (i + 1 < n && draw >= fits[i]->weight)
		draw -= fits[i++]->weight;
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

static void measure(struct arena *arena, struct reply *reply)
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
	}
	out_r->text = render(template, &f, arena);
	out_r->outcome = arena_str(arena, out_r->outcome);
	measure(arena, out_r);
	if (!own && command->tip && in->match->kind == MATCH_COMMAND)
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
		case PARAM_ARG: value = in->match->arg[p->arg]; break;
		}
		out[i] = value.ptr ? arena_z(arena, value) : NULL;
	}
}
