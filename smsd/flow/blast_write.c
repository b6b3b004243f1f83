/* blast_write - see blast_write.h. */
#include "flow/blast_write.h"

#include "text/optout.h"

void blast_values_cut(struct blast_values *values, struct str data, unsigned n)
{
	for (unsigned i = 0; i < n && i < SHEET_COLUMNS_MAX; i++) {
		const char *end = data.len ? memchr(data.ptr, '\x1f', data.len) : NULL;
		size_t len = end ? (size_t)(end - data.ptr) : data.len;

		values->value[i] = len ? str_n(data.ptr, len) : (struct str){ 0 };
		str_skip(&data, end ? len + 1 : len);
	}
}

static struct str value_of(void *arg, unsigned row, unsigned column)
{
	const struct blast_values *values = arg;

	(void)row;
	return column < SHEET_COLUMNS_MAX ? values->value[column] : (struct str){ 0 };
}

struct str blast_write(const struct template *template, enum lang lang, const struct blast_values *values, struct str opt_out,
		       struct arena *arena)
{
	struct template_data data = { .rows = 1, .get = value_of, .arg = (void *)values, .lang = lang_name(lang) };
	struct buf out = { 0 };

	template_render(template, &data, &out);
	struct str text = optout_append(arena, arena_str(arena, buf_get(&out)), opt_out);
	buf_free(&out);
	return text;
}
