/* press - see press.h. */
#include "flow/press.h"

#include <stdio.h>

#include "db/db.h"
#include "flow/blast_write.h"
#include "text/segment.h"
#include "text/template_names.h"

enum { VARIANTS_MAX = 16 };
enum { ROW_N, ROW_MSISDN, ROW_LANG, ROW_VARIANT, ROW_DATA };	/* hall.blast_rows() */

struct variant {
	const char *name;
	struct str source[LANGS];
	struct template *text[LANGS];
};

struct press {
	struct arena *arena;
	const char *column[SHEET_COLUMNS_MAX];
	unsigned ncolumns, nvariants;
	struct variant variant[VARIANTS_MAX];
	struct str opt_out[LANGS];
	struct blast_values values;		/* of one recipient */
};

/* ---- the texts ---- */

struct complaint {
	press_error_fn *fn;
	void *arg;
	const char *variant, *lang;
};

static void complain(void *arg, const struct template_error *error)
{
	const struct complaint *c = arg;

	if (c->fn)
		c->fn(c->arg, c->variant, c->lang, error);
}

static struct str text_of(const json_t *object, const char *key)
{
	const char *z = json_string_value(json_object_get(object, key));

	return str_z(z ? z : "");
}

static bool add_variant(struct press *p, const char *name, const json_t *texts, struct complaint *c)
{
	struct variant *v = &p->variant[p->nvariants++];
	bool good = true;

	v->name = c->variant = name;
	for (enum lang l = 0; l < LANGS; l++) {
		c->lang = lang_name(l);
		v->source[l] = text_of(texts, c->lang);
		v->text[l] = template_new(p->arena, v->source[l], p->column, p->ncolumns, complain, c);
		good &= v->text[l] != NULL;
	}
	return good;
}

struct press *press_new(struct arena *arena, const json_t *blast, press_error_fn *fn, void *arg)
{
	struct press *p = arena_alloc(arena, sizeof(*p));
	const json_t *columns = json_object_get(blast, "columns");
	struct complaint c = { .fn = fn, .arg = arg };
	const char *name;
	bool good = true;
	json_t *texts;

	*p = (struct press){ .arena = arena };
	for (size_t i = 0; i < json_array_size(columns) && i < SHEET_COLUMNS_MAX; i++)
		p->column[p->ncolumns++] = json_string_value(json_array_get(columns, i));
	for (enum lang l = 0; l < LANGS; l++)
		p->opt_out[l] = text_of(json_object_get(blast, "opt_out"), lang_name(l));
	json_object_foreach(json_object_get(blast, "texts"), name, texts)
		if (p->nvariants < VARIANTS_MAX)
			good &= add_variant(p, name, texts, &c);
	return good ? p : NULL;
}

json_t *press_needs(const struct press *p)
{
	json_t *names = json_array();

	for (unsigned i = 0; i < p->ncolumns; i++) {
		bool bare = false;

		for (unsigned v = 0; v < p->nvariants; v++)
			for (enum lang l = 0; l < LANGS; l++)
				bare |= template_shows_bare(p->variant[v].source[l], str_z(p->column[i]));
		if (bare)
			json_array_append_new(names, json_string(p->column[i]));
	}
	return names;
}

/* ---- one message ---- */

static void fill(struct press *p, struct str joined)
{
	blast_values_cut(&p->values, joined, p->ncolumns);
}

static struct str render(struct press *p, struct arena *arena, const struct variant *v, enum lang lang)
{
	return blast_write(v->text[lang], lang, &p->values, p->opt_out[lang], arena);
}

/* -1: there is none of that name, as for the control group. */
static int variant_of(const struct press *p, struct str name)
{
	for (unsigned v = 0; v < p->nvariants; v++)
		if (str_eqz(name, p->variant[v].name))
			return (int)v;
	return -1;
}

static json_t *data_of(const struct press *p)
{
	json_t *data = json_object();

	for (unsigned i = 0; i < p->ncolumns; i++)
		json_object_set_new(data, p->column[i], json_stringn(p->values.value[i].ptr ? p->values.value[i].ptr : "", p->values.value[i].len));
	return data;
}

static json_t *message(struct press *p, const PGresult *rows, int row)
{
	struct str lang = db_cell(rows, row, ROW_LANG);
	int v = variant_of(p, db_cell(rows, row, ROW_VARIANT));

	fill(p, db_cell(rows, row, ROW_DATA));
	json_t *one = json_pack("{s:i, s:s, s:s, s:o, s:n}", "n", atoi(PQgetvalue(rows, row, ROW_N)), "msisdn",
				PQgetvalue(rows, row, ROW_MSISDN), "lang", lang_name(lang_parse(lang)), "data", data_of(p), "variant");
	if (v < 0)
		return one;
	struct str text = render(p, p->arena, &p->variant[v], lang_parse(lang));
	json_object_set_new(one, "variant", json_string(p->variant[v].name));
	json_object_set_new(one, "segments", json_integer(segment_count(text)));
	json_object_set_new(one, "text", json_stringn(text.ptr, text.len));
	return one;
}

static json_t *messages(struct press *p, const PGresult *rows, unsigned most)
{
	json_t *list = json_array();
	long n = PQntuples(rows);

	for (long i = 0; i < most && i < n; i++)
		json_array_append_new(list, message(p, rows, (int)(n <= most ? i : i * n / most)));
	return list;
}

/* ---- segments ---- */

struct group {
	unsigned long messages, segments;
};

struct counts {
	unsigned long control;
	unsigned long of[SEGMENT_MAX + 2];	/* messages of so many segments */
	struct group group[VARIANTS_MAX][LANGS], all;
};

static void count(struct press *p, const PGresult *rows, struct counts *out)
{
	struct arena *arena = arena_new();

	for (int row = 0; row < PQntuples(rows); row++) {
		int v = variant_of(p, db_cell(rows, row, ROW_VARIANT));
		enum lang lang = lang_parse(db_cell(rows, row, ROW_LANG));

		if (v < 0) {
			out->control++;
			continue;
		}
		fill(p, db_cell(rows, row, ROW_DATA));
		unsigned segments = segment_count(render(p, arena, &p->variant[v], lang));
		out->of[segments]++;
		out->group[v][lang].messages++;
		out->group[v][lang].segments += segments;
		out->all.messages++;
		out->all.segments += segments;
		arena_reset(arena);
	}
	arena_free(&arena);
}

/* Of those that go or wait; exact where all were counted, and none of them will be refused. */
static double all_segments(const struct press *p, const struct counts *counts, const json_t *preview)
{
	double sum = 0, looked = json_number_value(json_object_get(preview, "looked_at"));
	json_t *going;
	size_t i;

	json_array_foreach(json_object_get(preview, "going"), i, going) {
		int v = variant_of(p, text_of(going, "variant"));
		enum lang lang = lang_parse(text_of(going, "lang"));
		const struct group *g = v >= 0 && counts->group[v][lang].messages ? &counts->group[v][lang] : &counts->all;

		if (g->messages)
			sum += json_number_value(json_object_get(going, "n")) * g->segments / g->messages;
	}
	return looked ? sum * json_number_value(json_object_get(preview, "recipients")) / looked : 0;
}

static json_t *histogram(const struct counts *counts)
{
	json_t *list = json_object();

	for (unsigned n = 0; n < SEGMENT_MAX + 2; n++)
		if (counts->of[n]) {
			char key[8];

			snprintf(key, sizeof(key), "%u", n);
			json_object_set_new(list, key, json_integer(counts->of[n]));
		}
	return list;
}

void press_tell(struct press *p, const PGresult *rows, double price, unsigned shown, json_t *preview)
{
	struct counts *counts = arena_alloc(p->arena, sizeof(*counts));

	*counts = (struct counts){ 0 };
	count(p, rows, counts);
	double all = all_segments(p, counts, preview);
	bool whole = (double)(counts->all.messages + counts->control) == json_number_value(json_object_get(preview, "recipients"));
	bool none_refused = !json_object_size(json_object_get(preview, "refuse"));
	json_object_set_new(preview, "counted", json_integer(counts->all.messages));
	json_object_set_new(preview, "counted_all", json_boolean(whole));
	json_object_set_new(preview, "segments", histogram(counts));
	json_object_set_new(preview, "segments_exact", json_boolean(whole && none_refused));
	json_object_set_new(preview, "segments_all", json_integer((long long)(all + 0.5)));
	if (price >= 0)
		json_object_set_new(preview, "cost", json_real(all * price));
	json_object_set_new(preview, "messages", messages(p, rows, shown));
	json_object_del(preview, "sample");
}

/* ---- tests ---- */

json_t *press_tests(struct press *p, const PGresult *testers, const PGresult *rows, struct err *err)
{
	json_t *list;

	if (!p->nvariants || !PQntuples(testers)) {
		err_set(err, ERR_INPUT, p->nvariants ? "nobody is on the list `test`, and no numbers are named" : "it has no texts");
		return NULL;
	}
	if ((unsigned)PQntuples(testers) * p->nvariants > PRESS_TESTS_MAX) {
		err_set(err, ERR_INPUT, "more than %d messages are no test (name fewer numbers)", PRESS_TESTS_MAX);
		return NULL;
	}
	list = json_array();
	for (int i = 0; i < PQntuples(testers); i++) {
		struct str number = db_cell(testers, i, 0);
		enum lang lang = lang_parse(db_cell(testers, i, 1));

		/* Each tester sees another recipient's values, in his own language. */
		fill(p, PQntuples(rows) ? db_cell(rows, i % PQntuples(rows), ROW_DATA) : STR(""));
		for (unsigned v = 0; v < p->nvariants; v++) {
			struct str text = render(p, p->arena, &p->variant[v], lang);

			json_array_append_new(list, json_pack("{s:s%, s:s, s:s, s:i, s:s%}", "msisdn", number.ptr, number.len, "lang",
							      lang_name(lang), "variant", p->variant[v].name, "segments",
							      (int)segment_count(text), "text", text.ptr, text.len));
		}
	}
	return list;
}
