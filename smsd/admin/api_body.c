/* api_body - see api_body.h. */
#include "admin/api_body.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/fold.h"
#include "text/msisdn.h"

enum { NEAR = 2 };	/* edits, for "did you mean" */

void api_problem_set(struct api_problem *p, const char *code, const char *field, const char *remedy,
		     const char *format, ...)
{
	va_list ap;

	*p = (struct api_problem){ 0 };
	snprintf(p->code, sizeof(p->code), "%s", code);
	snprintf(p->field, sizeof(p->field), "%s", field ? field : "");
	snprintf(p->remedy, sizeof(p->remedy), "%s", remedy ? remedy : "");
	va_start(ap, format);
	vsnprintf(p->message, sizeof(p->message), format, ap);
	va_end(ap);
}

/* What was cut to its room in the middle of a character is mended by leaving the half away. */
static json_t *text_json(const char *z)
{
	size_t n = strlen(z);
	json_t *json = json_stringn(z, n);

	while (!json && n)
		json = json_stringn(z, --n);
	return json ? json : json_string("");
}

json_t *api_problem_json(const struct api_problem *p)
{
	json_t *error = json_object();

	json_object_set_new(error, "code", text_json(p->code));
	json_object_set_new(error, "message", text_json(p->message));
	if (*p->field)
		json_object_set_new(error, "field", text_json(p->field));
	if (*p->remedy)
		json_object_set_new(error, "remedy", text_json(p->remedy));
	return error;
}

json_t *api_body_parse(struct str bytes, struct api_problem *p)
{
	json_error_t error;
	json_t *json = json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, &error);

	if (json && json_is_object(json))
		return json;
	if (json)
		api_problem_set(p, "not_an_object", NULL, "send {…}", "the body is JSON, but no object");
	else if (!bytes.len)
		api_problem_set(p, "no_body", NULL, "send a JSON object", "the body is empty");
	else if (!fold_utf8_ok(bytes))
		api_problem_set(p, "not_utf8", NULL, "send UTF-8 without NUL", "the body is not UTF-8");
	else
		api_problem_set(p, "not_json", NULL, NULL, "the body is no JSON: line %d, column %d: %s", error.line,
				error.column, error.text);
	json_decref(json);
	return NULL;
}

static size_t characters(const char *z)
{
	size_t n = 0;

	for (; *z; z++)
		n += (*z & 0xC0) != 0x80;
	return n;
}

static bool is_word(const char *z)
{
	if (!*z)
		return false;
	for (; *z; z++)
		if (!(*z >= 'a' && *z <= 'z') && !(*z >= 'A' && *z <= 'Z') && !(*z >= '0' && *z <= '9') &&
		    !strchr("._-", *z))
			return false;
	return true;
}

static bool is_choice(const char *choices, const char *z)
{
	size_t n = strlen(z);

	for (const char *p = choices; p; p = strchr(p, '|'), p = p ? p + 1 : NULL)
		if (n && !memchr(z, '|', n) && strncmp(p, z, n) == 0 && (p[n] == '|' || !p[n]))
			return true;
	return false;
}

static bool digits_at(const char *z, unsigned at, unsigned n, int *value_r)
{
	*value_r = 0;
	for (unsigned i = at; i < at + n; i++) {
		if (z[i] < '0' || z[i] > '9')
			return false;
		*value_r = *value_r * 10 + z[i] - '0';
	}
	return true;
}

/* RFC 3339: 2026-11-22T20:00:00.5+08:00, with Z for +00:00. */
static bool is_time(const char *z)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	int year, month, day, hour, minute, second;
	size_t n = 0;

	for (; shape[n]; n++)
		if (shape[n] == 'd' ? z[n] < '0' || z[n] > '9' :
		    shape[n] == 'T' ? z[n] != 'T' && z[n] != 't' && z[n] != ' ' : z[n] != shape[n])
			return false;
	if (!digits_at(z, 0, 4, &year) || !digits_at(z, 5, 2, &month) || !digits_at(z, 8, 2, &day) ||
	    !digits_at(z, 11, 2, &hour) || !digits_at(z, 14, 2, &minute) || !digits_at(z, 17, 2, &second))
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days[month - 1] + (leap && month == 2) ||
	    hour > 23 || minute > 59 || second > 59)
		return false;
	if (z[n] == '.') {
		size_t m = strspn(z + n + 1, "0123456789");

		if (m < 1 || m > 9)
			return false;
		n += 1 + m;
	}
	if ((z[n] == 'Z' || z[n] == 'z') && !z[n + 1])
		return true;
	return (z[n] == '+' || z[n] == '-') && strlen(z + n) == 6 && z[n + 3] == ':' &&
	       digits_at(z, n + 1, 2, &hour) && digits_at(z, n + 4, 2, &minute) && hour <= 14 && minute <= 59;
}

static const char *kind_words(const struct api_field *f)
{
	static const char *const words[] = {
		[API_TEXT] = "a text", [API_NAME] = "a name (letters, digits and . _ -)", [API_INT] = "a whole number",
		[API_NUMBER] = "a number",
		[API_BOOL] = "true or false", [API_TIME] = "a time with its zone, as 2026-11-22T20:00:00+08:00",
		[API_MSISDN] = "a subscriber's number, as 13800138000 or +85261234567", [API_OBJECT] = "an object",
		[API_LIST] = "a list", [API_MAP] = "an object of texts",
	};

	return words[f->kind];
}

static int wrong(const struct api_field *f, const char *field, struct api_problem *p)
{
	api_problem_set(p, "wrong_value", field, f->choices, "\"%s\" must be %s%s", f->name,
			f->choices ? "one of " : "", f->choices ? f->choices : kind_words(f));
	return -1;
}

static int too_long(const struct api_field *f, const char *field, const char *of, struct api_problem *p)
{
	api_problem_set(p, "wrong_value", field, NULL, "\"%s\" must have %ld to %ld %s", f->name, f->min, f->max, of);
	return -1;
}

static int check_msisdn(json_t *value, const struct api_field *f, const char *field, struct api_problem *p)
{
	struct msisdn number;

	if (!json_is_string(value) || msisdn_parse(str_z(json_string_value(value)), &number, NULL) < 0)
		return wrong(f, field, p);
	json_string_set(value, number.text);
	return 0;
}

static int check_text(json_t *value, const struct api_field *f, const char *field, struct api_problem *p)
{
	const char *z = json_string_value(value);

	if (!z)
		return wrong(f, field, p);
	size_t n = characters(z);
	if (f->choices)
		return is_choice(f->choices, z) ? 0 : wrong(f, field, p);
	if (f->kind == API_NAME && (!is_word(z) || (long)n > f->max))
		return wrong(f, field, p);
	if (f->kind == API_TEXT && ((long)n < f->min || (long)n > f->max))
		return too_long(f, field, "characters", p);
	return 0;
}

static int check_map(json_t *value, const struct api_field *f, const char *field, struct api_problem *p)
{
	const char *key;
	json_t *item;

	if (!json_is_object(value))
		return wrong(f, field, p);
	json_object_foreach(value, key, item) {
		size_t n = json_is_string(item) ? characters(json_string_value(item)) : 0;

		if (!n || (long)n > f->max) {
			char place[120];

			snprintf(place, sizeof(place), "%s.%s", field, key);
			api_problem_set(p, "wrong_value", place, NULL, "\"%s\" must be a text of 1 to %ld characters",
					key, f->max);
			return -1;
		}
	}
	return 0;
}

static int check_list(json_t *value, const struct api_field *f, const char *field, struct api_problem *p)
{
	char place[120];
	size_t i;
	json_t *item;

	if (!json_is_array(value))
		return wrong(f, field, p);
	if ((long)json_array_size(value) < f->min || (long)json_array_size(value) > f->max)
		return too_long(f, field, "items", p);
	json_array_foreach(value, i, item) {
		snprintf(place, sizeof(place), "%s[%zu]", field, i);
		if (f->sub ? !json_is_object(item) : !json_is_string(item) || !*json_string_value(item)) {
			api_problem_set(p, "wrong_value", place, NULL, "\"%s\" must be a list of %s", f->name,
					f->sub ? "objects" : "texts");
			return -1;
		}
		if (f->sub && api_body_check(item, f->sub, place, p) < 0)
			return -1;
	}
	return 0;
}

static int check_object(json_t *value, const struct api_field *f, const char *field, struct api_problem *p)
{
	if (!json_is_object(value))
		return wrong(f, field, p);
	if (f->sub)
		return api_body_check(value, f->sub, field, p);
	if (json_dumpb(value, NULL, 0, JSON_COMPACT) > (size_t)f->max) {
		api_problem_set(p, "too_large", field, NULL, "\"%s\" has more than %ld bytes", f->name, f->max);
		return -1;
	}
	return 0;
}

static int check_value(json_t *value, const struct api_field *f, const char *field, struct api_problem *p)
{
	switch (f->kind) {
	case API_TEXT:
	case API_NAME:
		return check_text(value, f, field, p);
	case API_INT:
		if (json_is_integer(value) && json_integer_value(value) >= f->min && json_integer_value(value) <= f->max)
			return 0;
		api_problem_set(p, "wrong_value", field, NULL, "\"%s\" must be a whole number from %ld to %ld", f->name,
				f->min, f->max);
		return -1;
	case API_NUMBER:
		if (json_is_number(value) && json_number_value(value) >= f->min && json_number_value(value) <= f->max)
			return 0;
		api_problem_set(p, "wrong_value", field, NULL, "\"%s\" must be a number from %ld to %ld", f->name, f->min,
				f->max);
		return -1;
	case API_BOOL:
		return json_is_boolean(value) ? 0 : wrong(f, field, p);
	case API_TIME:
		return json_is_string(value) && is_time(json_string_value(value)) ? 0 : wrong(f, field, p);
	case API_MSISDN:
		return check_msisdn(value, f, field, p);
	case API_OBJECT:
		return check_object(value, f, field, p);
	case API_LIST:
		return check_list(value, f, field, p);
	case API_MAP:
		return check_map(value, f, field, p);
	}
	return -1;
}

static const struct api_field *field_of(const struct api_field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

static void place_of(char place[120], const char *prefix, const char *name)
{
	snprintf(place, 120, "%s%s%s", prefix, *prefix ? "." : "", name);
}

static int unknown(const struct api_field *fields, const char *name, const char *place, struct api_problem *p)
{
	const struct api_field *near = NULL;
	char remedy[160];
	unsigned best = NEAR + 1, n = 0;

	for (const struct api_field *f = fields; f->name; f++) {
		unsigned d = str_distance(str_z(name), str_z(f->name), NEAR);

		if (d < best) {
			best = d;
			near = f;
		}
	}
	if (near) {
		snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?", near->name);
	} else {
		n = snprintf(remedy, sizeof(remedy), "known are:");
		for (const struct api_field *f = fields; f->name && n < sizeof(remedy); f++)
			n += snprintf(remedy + n, sizeof(remedy) - n, " %s", f->name);
	}
	api_problem_set(p, "unknown_field", place, remedy, "there is no field \"%.60s\"", name);
	return -1;
}

int api_body_check(json_t *object, const struct api_field *fields, const char *prefix, struct api_problem *p)
{
	char place[120];
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		const struct api_field *f = field_of(fields, name);

		place_of(place, prefix, name);
		if (!f)
			return unknown(fields, name, place, p);
		if (json_is_null(value) && !f->required)
			continue;
		if (check_value(value, f, place, p) < 0)
			return -1;
	}
	for (const struct api_field *f = fields; f->name; f++)
		if (f->required && !json_object_get(object, f->name)) {
			place_of(place, prefix, f->name);
			api_problem_set(p, "missing_field", place, f->about, "\"%s\" is missing", f->name);
			return -1;
		}
	return 0;
}

/* 12 or 0.055 */
static bool is_decimal(const char *z)
{
	size_t whole = strspn(z, "0123456789"), part = z[whole] == '.' ? strspn(z + whole + 1, "0123456789") : 0;

	return whole && whole < 18 && part < 18 && (z[whole] == '.' ? part && !z[whole + 1 + part] : !z[whole]);
}

int api_body_check_texts(json_t *object, const struct api_field *fields, struct api_problem *p)
{
	for (const struct api_field *f = fields; f->name; f++) {
		const char *z = json_string_value(json_object_get(object, f->name));

		if (z && f->kind == API_INT && strlen(z) < 18 && str_digits(str_z(z)))
			json_object_set_new(object, f->name, json_integer(atoll(z)));
		else if (z && f->kind == API_NUMBER && is_decimal(z))
			json_object_set_new(object, f->name, json_real(strtod(z, NULL)));
		else if (z && f->kind == API_BOOL && (strcmp(z, "true") == 0 || strcmp(z, "false") == 0))
			json_object_set_new(object, f->name, json_boolean(*z == 't'));
	}
	return api_body_check(object, fields, "", p);
}

static json_t *bad_item(json_t *item, const struct api_problem *p)
{
	json_t *bad = json_object(), *key = json_object_get(item, "key");

	if (json_is_string(key) && characters(json_string_value(key)) <= 200)
		json_object_set(bad, "key", key);
	json_object_set_new(bad, "outcome", json_string("error"));
	json_object_set_new(bad, "error", api_problem_json(p));
	return bad;
}

static int check_bulk(json_t *body, const char *list, unsigned max, struct api_problem *p)
{
	const struct api_field fields[] = {
		{ list, API_LIST, true, 1, max, .about = "the list" },
		{ "atomic", API_BOOL },
		{ 0 },
	};
	const char *name;
	json_t *value, *items = json_object_get(body, list);

	json_object_foreach(body, name, value)
		if (!field_of(fields, name))
			return unknown(fields, name, name, p);
	if (!json_is_array(items))
		return wrong(&fields[0], list, p);
	if (json_array_size(items) < 1 || json_array_size(items) > max)
		return too_long(&fields[0], list, "items", p);
	value = json_object_get(body, "atomic");
	return !value || json_is_boolean(value) ? 0 : wrong(&fields[1], "atomic", p);
}

int api_body_bulk(json_t *body, const char *list, unsigned max, const struct api_field *fields, json_t **items_r,
		  unsigned *bad_r, struct api_problem *p)
{
	bool atomic = json_is_true(json_object_get(body, "atomic"));
	char place[120];
	json_t *item;
	size_t i;

	*bad_r = 0;
	if (!json_object_get(body, list)) {
		if (api_body_check(body, fields, "", p) < 0)
			return -1;
		*items_r = json_array();
		json_array_append(*items_r, body);
		return 0;
	}
	if (check_bulk(body, list, max, p) < 0)
		return -1;
	*items_r = json_array();
	json_array_foreach(json_object_get(body, list), i, item) {
		snprintf(place, sizeof(place), "%s[%zu]", list, i);
		if (!json_is_object(item))
			api_problem_set(p, "wrong_value", place, NULL, "item %zu is no object", i);
		if (json_is_object(item) && api_body_check(item, fields, place, p) == 0) {
			json_array_append(*items_r, item);
			continue;
		}
		++*bad_r;
		if (atomic) {
			json_decref(*items_r);
			*items_r = NULL;
			return -1;
		}
		json_array_append_new(*items_r, bad_item(item, p));
	}
	return 0;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool api_decode(struct str in, char *out)
{
	char *o = out;

	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] != '%') {
			*o++ = in.ptr[i];
			continue;
		}
		if (i + 2 >= in.len || hex(in.ptr[i + 1]) < 0 || hex(in.ptr[i + 2]) < 0)
			return false;
		*o++ = (char)(hex(in.ptr[i + 1]) << 4 | hex(in.ptr[i + 2]));
		i += 2;
	}
	*o = '\0';
	return fold_utf8_ok(str_n(out, o - out));
}

bool api_path_match(const char *pattern, const char *path, struct str *value, unsigned max)
{
	unsigned n = 0;

	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");
		if (!len || n == max)
			return false;
		value[n++] = str_n(path, len);
		path += len;
		pattern = strchr(pattern, '}') + 1;
	}
	return !*path;
}
