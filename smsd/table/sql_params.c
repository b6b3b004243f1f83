/* sql_params - see sql_params.h.  A scanner of PostgreSQL's lexical structure (4.1 of its
 * manual), as far as it decides what a colon means. */
#include "table/sql_params.h"

struct scan {
	struct arena *arena;
	struct str sql;
	size_t at;
	struct buf *out;
	struct sql_params *result;
	size_t semicolon;	/* 1 + offset of the first; 0: none */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static char peek(const struct scan *s, size_t ahead)
{
	return s->at + ahead < s->sql.len ? s->sql.ptr[s->at + ahead] : '\0';
}

static void wrong(struct scan *s, size_t offset, const char *text)
{
	if (s->result->wrong)
		return;
	s->result->wrong = text;
	s->result->wrong_offset = offset;
}

static void copy(struct scan *s, size_t end)
{
	buf_add(s->out, s->sql.ptr + s->at, end - s->at);
	s->at = end;
}

static void to_end(struct scan *s, const char *what)
{
	wrong(s, s->at, what);
	copy(s, s->sql.len);
}

/* E'…' knows backslashes, others do not. */
static void take_quoted(struct scan *s, char quote)
{
	const char *before = s->sql.ptr + s->at - 1;
	bool escapes = quote == '\'' && s->at > 0 && (*before == 'E' || *before == 'e') &&
		       (s->at == 1 || !is_name(before[-1]));
	size_t i = s->at + 1;

	for (; i < s->sql.len; i++) {
		if (escapes && s->sql.ptr[i] == '\\') {
			i++;
		} else if (s->sql.ptr[i] == quote) {
			if (i + 1 >= s->sql.len || s->sql.ptr[i + 1] != quote)
				break;
			i++;
		}
	}
	if (i >= s->sql.len)
		to_end(s, quote == '\'' ? "a quoted text is not closed (add ')" :
					  "a quoted name is not closed (add \")");
	else
		copy(s, i + 1);
}

/* $tag$ … $tag$; false when no such quote begins here. */
static bool take_dollar(struct scan *s)
{
	size_t end = s->at + 1;
	const char *close;

	if (s->at > 0 && is_name(s->sql.ptr[s->at - 1]))
		return false;
	if (end < s->sql.len && is_letter(s->sql.ptr[end]))
		while (end < s->sql.len && is_name(s->sql.ptr[end]))
			end++;
	if (end >= s->sql.len || s->sql.ptr[end] != '$')
		return false;
	end++;
	size_t tag = end - s->at;
	close = memmem(s->sql.ptr + end, s->sql.len - end, s->sql.ptr + s->at, tag);
	if (!close)
		to_end(s, "a dollar quote is not closed");
	else
		copy(s, close + tag - s->sql.ptr);
	return true;
}

static void take_line_comment(struct scan *s)
{
	const char *end = memchr(s->sql.ptr + s->at, '\n', s->sql.len - s->at);

	copy(s, end ? (size_t)(end - s->sql.ptr) : s->sql.len);
}

/* They nest. */
static void take_block_comment(struct scan *s)
{
	size_t i = s->at + 2;
	unsigned depth = 1;

	for (; depth && i + 1 < s->sql.len; i++) {
		if (s->sql.ptr[i] == '*' && s->sql.ptr[i + 1] == '/')
			depth--, i++;
		else if (s->sql.ptr[i] == '/' && s->sql.ptr[i + 1] == '*')
			depth++, i++;
	}
	if (depth)
		to_end(s, "a comment is not closed (add */)");
	else
		copy(s, i);
}

static unsigned number_of(struct scan *s, struct str name, size_t offset)
{
	struct sql_params *r = s->result;

	for (unsigned i = 0; i < r->n; i++)
		if (str_eq(r->param[i].name, name))
			return i + 1;
	if (r->n == SQL_PARAMS_MAX) {
		r->too_many = true;
		return SQL_PARAMS_MAX;
	}
	r->param[r->n] = (struct sql_param){ arena_str(s->arena, name), offset };
	return ++r->n;
}

static void take_colon(struct scan *s)
{
	struct str name = { s->sql.ptr + s->at + 1, 0 };

	if (peek(s, 1) == ':' || peek(s, 1) == '=') {	/* a cast, or := */
		copy(s, s->at + 2);
		return;
	}
	while (s->at + 1 + name.len < s->sql.len && is_name(name.ptr[name.len]))
		name.len++;
	/* [1:n] of an array slice is no parameter when a digit follows. */
	if (!name.len || !is_letter(*name.ptr)) {
		copy(s, s->at + 1);
		return;
	}
	buf_printf(s->out, "$%u", number_of(s, name, s->at));
	s->at += 1 + name.len;
}

static void take_other(struct scan *s, char c)
{
	if (c == ';' && !s->semicolon)
		s->semicolon = s->at + 1;
	else if (c == '$' && peek(s, 1) >= '0' && peek(s, 1) <= '9')
		wrong(s, s->at, "$n is not for tables (write the parameter's name, as :msisdn)");
	copy(s, s->at + 1);
}

static void take_one(struct scan *s)
{
	char c = peek(s, 0);

	if (s->semicolon && !is_space(c) && !(c == '-' && peek(s, 1) == '-') &&
	    !(c == '/' && peek(s, 1) == '*'))
		wrong(s, s->semicolon - 1, c == ';' ? "one ; is enough (remove it)" :
			      "one SELECT is wanted, not several statements (remove what follows)");
	if (c == '\'' || c == '"')
		take_quoted(s, c);
	else if (c == '-' && peek(s, 1) == '-')
		take_line_comment(s);
	else if (c == '/' && peek(s, 1) == '*')
		take_block_comment(s);
	else if (c == ':')
		take_colon(s);
	else if (c != '$' || !take_dollar(s))
		take_other(s, c);
}

/* The first word, comments skipped, must be one that only reads or calls. */
static void check_begin(struct scan *s, struct str sql)
{
	static const char *const allowed[] = { "select", "with" };

	while (sql.len) {
		const char *end = NULL;

		if (is_space(*sql.ptr) || *sql.ptr == '(') {
			str_skip(&sql, 1);
			continue;
		}
		if (str_starts(sql, STR("--")))
			end = memchr(sql.ptr, '\n', sql.len);
		else if (str_starts(sql, STR("/*")) && (end = memmem(sql.ptr, sql.len, "*/", 2)))
			end += 2;
		if (!end)
			break;
		str_skip(&sql, end - sql.ptr);
	}
	for (unsigned i = 0; i < 2; i++) {
		size_t len = strlen(allowed[i]);

		if (sql.len > len && !strncasecmp(sql.ptr, allowed[i], len) &&
		    !is_name(sql.ptr[len]))
			return;
	}
	wrong(s, sql.ptr - s->sql.ptr < (long)s->sql.len ? sql.ptr - s->sql.ptr : 0,
	      "the SQL must be one SELECT (call a function for anything else)");
}

void sql_params(struct arena *arena, struct str sql, struct sql_params *out_r)
{
	struct buf out = { 0 };
	struct scan s = { .arena = arena, .sql = sql, .out = &out, .result = out_r };
	size_t end = 0;

	*out_r = (struct sql_params){ 0 };
	while (s.at < sql.len) {
		bool closed = s.semicolon;

		take_one(&s);
		if (!closed && s.semicolon)
			end = out.len - 1;
	}
	if (s.semicolon)
		out.len = end;
	while (out.len && is_space(out.ptr[out.len - 1]))
		out.len--;
	check_begin(&s, sql);
	out_r->numbered = arena_z(arena, buf_get(&out));
	buf_free(&out);
}
