/* recipients - see recipients.h. */
#include "text/recipients.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/number_set.h"

enum { NAME_MAX_BYTES = 63, SHOWN = 24 };

struct recipients {
	struct sheet *sheet;
	struct arena *arena;		/* the names */
	struct number_set *seen;
	struct sheet_row row;
	unsigned fields;		/* of the header, all */
	int place[SHEET_COLUMNS_MAX];	/* of a field among the data, or one of these */
	unsigned n;
	const char *name[SHEET_COLUMNS_MAX];
	bool required[SHEET_COLUMNS_MAX];
	struct str data[SHEET_COLUMNS_MAX];
};
enum { PLACE_MSISDN = -1, PLACE_LANG = -2 };

const char *recipients_fault(enum recipient_fault fault)
{
	static const char *const name[] = {
		"good", "bad number", "duplicate", "wrong column count", "bad language", "empty value",
		"control character", "bad encoding", "bad quotes", "too long",
	};

	return name[fault];
}

/* What a row holds may be anything: whole characters, and not too many. */
static int shown_len(struct str s)
{
	size_t n = s.len > SHOWN ? SHOWN : s.len;

	while (n && n < s.len && ((unsigned char)s.ptr[n] & 0xC0) == 0x80)
		n--;
	return (int)n;
}
#define SHOWN_ARG(s) shown_len(s), ((s).ptr ? (s).ptr : "")

/* ---- header ---- */

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || strchr("{}#^/!&><=|:\"'.", s.ptr[i]))
			return false;
	return s.len > 0 && s.len <= NAME_MAX_BYTES;
}

static struct str lower(struct arena *arena, struct str s)
{
	char *z = arena_z(arena, s);

	for (char *p = z; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return str_n(z, s.len);
}

static int bad_header(const struct recipients *r, struct err *err, const char *format, struct str field)
{
	char text[256];

	snprintf(text, sizeof(text), format, SHOWN_ARG(field));
	return err_set(err, ERR_INPUT, "%u: %s", r->row.line, text);
}

static int take_name(struct recipients *r, unsigned i, unsigned *msisdn, unsigned *lang, struct err *err)
{
	struct str name = lower(r->arena, r->row.field[i]);

	if (!is_name(name))
		return bad_header(r, err, "\"%.*s\" is no name of a column (the first line names the "
				  "columns: msisdn, lang, and what the text uses; no blanks, no "
				  "quotes and none of {}#^/!&><=|:.)", name);
	if (str_eqz(name, "msisdn") || str_eqz(name, "lang")) {
		unsigned *count = *name.ptr == 'm' ? msisdn : lang;

		r->place[i] = *name.ptr == 'm' ? PLACE_MSISDN : PLACE_LANG;
		if ((*count)++)
			return bad_header(r, err, "the column %.*s stands there twice", name);
		return 0;
	}
	for (unsigned k = 0; k < r->n; k++)
		if (str_eqz(name, r->name[k]))
			return bad_header(r, err, "the column %.*s stands there twice (rename one)",
					  name);
	r->place[i] = (int)r->n;
	r->name[r->n++] = name.ptr;
	return 0;
}

static int read_header(struct recipients *r, struct err *err)
{
	unsigned msisdn = 0, lang = 0;

	if (!sheet_next(r->sheet, &r->row))
		return err_set(err, ERR_INPUT, "1: the file is empty (its first line names the columns; "
			       "msisdn must be one)");
	if (r->row.fault == SHEET_TOO_LONG)
		return err_set(err, ERR_INPUT, "%u: more than %d columns", r->row.line,
			       SHEET_COLUMNS_MAX);
	if (r->row.fault != SHEET_GOOD)
		return err_set(err, ERR_INPUT, "%u: the line of the columns' names is damaged: %s "
			       "(the file was read as %s)", r->row.line,
			       r->row.fault == SHEET_QUOTES ? "its quotes do not match" :
							      "octets of another encoding",
			       encoding_name(sheet_encoding(r->sheet)));
	r->fields = r->row.n;
	for (unsigned i = 0; i < r->fields; i++)
		if (take_name(r, i, &msisdn, &lang, err) < 0)
			return -1;
	if (!msisdn)
		return err_set(err, ERR_INPUT, "%u: no column msisdn (the first line names the columns; "
			       "call the one with the numbers msisdn)", r->row.line);
	return 0;
}

struct recipients *recipients_new(struct str content, struct err *err)
{
	struct recipients *r = mem_alloc(sizeof(*r));

	r->sheet = sheet_new(content);
	r->arena = arena_new();
	r->seen = number_set_new();
	if (read_header(r, err) < 0)
		recipients_free(&r);
	return r;
}

void recipients_free(struct recipients **recipients)
{
	struct recipients *r = *recipients;

	if (r) {
		sheet_free(&r->sheet);
		arena_free(&r->arena);
		number_set_free(&r->seen);
	}
	free(r);
	*recipients = NULL;
}

unsigned recipients_columns(const struct recipients *r, const char *const **name_r)
{
	*name_r = r->name;
	return r->n;
}

void recipients_require(struct recipients *r, unsigned column)
{
	r->required[column] = true;
}

void recipients_format(const struct recipients *r, char out[40])
{
	char separator = sheet_separator(r->sheet);

	snprintf(out, 40, "%s, separated by %s", encoding_name(sheet_encoding(r->sheet)),
		 separator == '\t' ? "tabs" : separator == ';' ? "semicolons" : "commas");
}

/* ---- rows ---- */

static void fault(struct recipient *out, enum recipient_fault fault, const char *format, ...)
	PRINTF_LIKE(3, 4);

static void fault(struct recipient *out, enum recipient_fault what, const char *format, ...)
{
	va_list ap;

	out->fault = what;
	va_start(ap, format);
	vsnprintf(out->why, sizeof(out->why), format, ap);
	va_end(ap);
}

static bool unreadable(const struct recipients *r, struct recipient *out)
{
	switch (r->row.fault) {
	case SHEET_GOOD:
		if (r->row.n == r->fields)
			return false;
		fault(out, RECIPIENT_COLUMNS, "%u column%s where the header has %u", r->row.n,
		      r->row.n == 1 ? "" : "s", r->fields);
		break;
	case SHEET_ENCODING:
		fault(out, RECIPIENT_ENCODING, "octets that are no %s",
		      encoding_name(sheet_encoding(r->sheet)));
		break;
	case SHEET_QUOTES:
		fault(out, RECIPIENT_QUOTES, "quotes that do not match (write \"\" for a quote inside "
		      "a quoted value)");
		break;
	case SHEET_TOO_LONG:
		fault(out, RECIPIENT_TOO_LONG, "more than %d columns or %d octets", SHEET_COLUMNS_MAX,
		      SHEET_ROW_MAX);
		break;
	}
	return true;
}

static void take_lang(struct str field, struct recipient *out)
{
	if (str_eqz(field, "zh"))
		out->lang = "zh";
	else if (str_eqz(field, "en"))
		out->lang = "en";
	else if (field.len)
		fault(out, RECIPIENT_LANG, "\"%.*s\" is no language (write zh or en, or leave it empty)",
		      SHOWN_ARG(field));
}

/* Half a character of another writing must not be shown. */
static bool plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < ' ' || s.ptr[i] > '~')
			return false;
	return s.len > 0;
}

static void take_number(struct str field, struct recipient *out)
{
	static const char remedy[] = "11 digits that begin with 13 to 19, or + and the country";
	char masked[MSISDN_MAX + 1];

	if (msisdn_parse(field, &out->msisdn, NULL) == 0)
		return;
	msisdn_mask(field, masked);
	if (!field.len)
		fault(out, RECIPIENT_NUMBER, "no number (%s)", remedy);
	else
		fault(out, RECIPIENT_NUMBER, "%s is no subscriber number (%s)",
		      plain(field) ? masked : "what stands there", remedy);
}

static void look_for_twice(struct recipient *out, struct number_set *seen)
{
	char masked[MSISDN_MAX + 1];
	unsigned before = number_set_put(seen, &out->msisdn, out->line);

	if (!before)
		return;
	msisdn_mask(str_z(out->msisdn.text), masked);
	fault(out, RECIPIENT_TWICE, "%s stands in line %u already", masked, before);
}

void recipient_take(struct recipient *out, struct number_set *seen, struct str number, struct str lang)
{
	take_number(number, out);
	if (!out->fault)
		take_lang(lang, out);
	if (!out->fault)
		look_for_twice(out, seen);
}

static bool controls(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return true;
	return false;
}

void recipient_value(struct recipient *out, const char *name, struct str value, bool required)
{
	if (!value.len && required)
		fault(out, RECIPIENT_EMPTY, "%s is empty, and the text uses it", name);
	else if (controls(value))
		fault(out, RECIPIENT_CONTROL, "%s holds a line end, a tab or another control character",
		      name);
}

static void take_value(struct recipients *r, struct recipient *out, unsigned column, struct str value)
{
	r->data[column] = value;
	if (!out->fault)
		recipient_value(out, r->name[column], value, r->required[column]);
}

bool recipients_next(struct recipients *r, struct recipient *out)
{
	struct str number = STR(""), lang = STR("");

	if (!sheet_next(r->sheet, &r->row))
		return false;
	*out = (struct recipient){ .line = r->row.line, .data = r->data };
	if (unreadable(r, out))
		return true;
	for (unsigned i = 0; i < r->fields; i++) {
		struct str field = r->row.field[i];

		if (r->place[i] == PLACE_MSISDN)
			number = field;
		else if (r->place[i] == PLACE_LANG)
			lang = field;
		else
			take_value(r, out, r->place[i], field);
	}
	if (!out->fault)
		recipient_take(out, r->seen, number, lang);
	return true;
}
