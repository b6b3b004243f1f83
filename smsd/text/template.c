/* template - see template.h.
 *
 * The source becomes a row of steps; a section knows where the step behind it
 * stands, so that rendering walks the row and never searches. */
#include "text/template.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/filter.h"

enum { DEPTH_MAX = 16 };

enum step_kind {
	STEP_TEXT,
	STEP_HOLE,
	STEP_NUMBER,		/* {{.n}} */
	STEP_IF,
	STEP_UNLESS,
	STEP_ROWS,
	STEP_NO_ROWS,
	STEP_LAST,
	STEP_NOT_LAST,
};

struct step {
	enum step_kind kind;
	unsigned column;
	unsigned end;		/* of a section: the step behind it */
	unsigned filters;
	struct filter *filter;
	struct str text;
};

struct template {
	struct step *step;
	unsigned steps, columns;
	bool *uses;		/* of each column */
};

/* ---- compiling ---- */

struct open_section {
	struct str name;	/* points into the source */
	char sigil;
	unsigned step;
};

struct compiler {
	struct arena *arena;
	struct str source;
	const char *const *names;
	template_error_fn *fn;
	void *arg;
	struct template *template;
	struct open_section open[DEPTH_MAX];
	unsigned depth, too_deep, errors;
};

/* The longest head of whole characters in n bytes. */
static size_t whole_characters(const char *text, size_t n)
{
	while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* A piece of the source, short enough for an error text. */
static struct str shown(struct str s)
{
	enum { SHOWN = 40 };

	if (s.len > SHOWN)
		s.len = whole_characters(s.ptr, SHOWN);
	return s;
}

static void report(struct compiler *c, struct str where, const char *format, ...)
	PRINTF_LIKE(3, 4);

static void report(struct compiler *c, struct str where, const char *format, ...)
{
	struct template_error error = { .offset = (unsigned)(where.ptr - c->source.ptr) };
	va_list ap;

	va_start(ap, format);
	int n = vsnprintf(error.text, sizeof(error.text), format, ap);
	va_end(ap);
	if (n >= (int)sizeof(error.text)) {
		/* the last character may have been cut: it goes */
		size_t end = sizeof(error.text) - 1;

		while (end && ((unsigned char)error.text[end - 1] & 0xC0) == 0x80)
			end--;
		end -= end && ((unsigned char)error.text[end - 1] & 0x80);
		error.text[end] = '\0';
	}
	for (char *p = error.text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	c->errors++;
	if (c->fn)
		c->fn(c->arg, &error);
}

struct guess {
	struct str name;
	const char *best;
	unsigned distance;
};

static void guess_at(struct guess *guess, const char *candidate)
{
	unsigned distance = str_distance(guess->name, str_z(candidate), guess->distance);

	if (distance < guess->distance) {
		guess->best = candidate;
		guess->distance = distance;
	}
}

static struct guess guess_for(struct str name)
{
	/* up to 2 edits in what is long enough to be recognized */
	return (struct guess){ .name = name, .distance = name.len > 3 ? 3 : 2 };
}

/* As many names as fit, whole. */
static void list_names(const struct compiler *c, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (unsigned i = 0; i < c->template->columns; i++) {
		if (n + strlen(c->names[i]) + sizeof(", ") > size)
			return;
		n += sprintf(out + n, "%s%s", n ? ", " : "", c->names[i]);
	}
}

static void report_unknown(struct compiler *c, struct str name, bool section)
{
	struct guess guess = guess_for(name);
	char list[160];

	for (unsigned i = 0; i < c->template->columns; i++)
		guess_at(&guess, c->names[i]);
	if (section)
		guess_at(&guess, "rows");
	list_names(c, list, sizeof(list));
	if (guess.best)
		report(c, name, "unknown name \"%.*s\": did you mean \"%s\"?",
		       STR_ARG(shown(name)), guess.best);
	else if (*list)
		report(c, name, "unknown name \"%.*s\": use one of %s", STR_ARG(shown(name)), list);
	else if (c->template->columns)
		report(c, name, "unknown name \"%.*s\"", STR_ARG(shown(name)));
	else
		report(c, name, "unknown name \"%.*s\": there are no names here",
		       STR_ARG(shown(name)));
}

/* The column, marked as used; -1 when there is none of that name. */
static int find_column(struct compiler *c, struct str name)
{
	for (unsigned i = 0; i < c->template->columns; i++)
		if (str_eqz(name, c->names[i])) {
			c->template->uses[i] = true;
			return (int)i;
		}
	return -1;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || strchr("{}#^/!&><=|:\"'", s.ptr[i]))
			return false;
	return s.len > 0;
}

static bool in_rows(const struct compiler *c)
{
	for (unsigned i = 0; i < c->depth; i++)
		if (c->template->step[c->open[i].step].kind == STEP_ROWS)
			return true;
	return false;
}

static struct step *add_step(struct compiler *c, enum step_kind kind)
{
	struct step *step = &c->template->step[c->template->steps++];

	step->kind = kind;
	return step;
}

/* What stands before the separator, with blanks off; *rest keeps what is behind it, and a NULL
 * ptr when there is no separator. */
static struct str split(struct str *rest, char separator)
{
	const char *at = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
	struct str head = *rest;

	if (at) {
		head.len = at - rest->ptr;
		str_skip(rest, head.len + 1);
	} else {
		*rest = str_n(NULL, 0);
	}
	return str_trim(head);
}

static void compile_filter(struct compiler *c, struct step *step, struct str piece)
{
	struct str name = split(&piece, ':');
	struct filter filter = {
		.kind = filter_find(name), .argument = piece.ptr ? str_trim(piece) : piece,
	};
	struct guess guess = guess_for(name);
	const char *wrong;

	if (!filter.kind) {
		for (unsigned i = 0; filter_name(i); i++)
			guess_at(&guess, filter_name(i));
		report(c, name, "unknown filter \"%.*s\"%s%s%s", STR_ARG(shown(name)),
		       guess.best ? ": did you mean \"" : ": see the manual's list of filters",
		       guess.best ? guess.best : "", guess.best ? "\"?" : "");
		return;
	}
	wrong = filter_wrong(&filter);
	if (wrong)
		report(c, name, "filter %.*s %s", STR_ARG(name), wrong);
	step->filter[step->filters++] = filter;
}

static void compile_hole(struct compiler *c, struct str content)
{
	struct str rest = content, name = split(&rest, '|');
	struct step *step = add_step(c, STEP_HOLE);
	unsigned bars = 0;

	if (str_eqz(name, ".n")) {
		step->kind = STEP_NUMBER;
		if (!in_rows(c))
			report(c, name, "{{.n}} counts rows: use it inside {{#rows}}…{{/rows}}");
	} else if (!is_name(name)) {
		report(c, name, "\"%.*s\" is no name: write {{name}} or {{name|filter}}",
		       STR_ARG(shown(name)));
	} else {
		int column = find_column(c, name);

		if (column < 0)
			report_unknown(c, name, false);
		step->column = column < 0 ? 0 : (unsigned)column;
	}
	for (size_t i = 0; i < content.len; i++)
		bars += content.ptr[i] == '|';
	if (bars)
		step->filter = arena_alloc(c->arena, bars * sizeof(*step->filter));
	while (rest.ptr)
		compile_filter(c, step, split(&rest, '|'));
}

/* Which section a name begins here; errors are reported, and any kind will do then. */
static enum step_kind section_kind(struct compiler *c, char sigil, struct str name,
				   unsigned *column_r)
{
	bool plain = sigil == '#';

	if (str_eqz(name, "rows")) {
		if (in_rows(c))
			report(c, name, "rows inside rows: close {{/rows}} first");
		return plain ? STEP_ROWS : STEP_NO_ROWS;
	}
	if (in_rows(c) && str_eqz(name, "last"))
		return plain ? STEP_LAST : STEP_NOT_LAST;
	int column = find_column(c, name);
	if (column < 0 && str_eqz(name, "last"))
		report(c, name, "{{%clast}} tells rows apart: use it inside {{#rows}}…{{/rows}}",
		       sigil);
	else if (column < 0 && memchr(name.ptr, '|', name.len))
		report(c, name, "a section takes no filter: write {{%cname}}", sigil);
	else if (column < 0)
		report_unknown(c, name, true);
	*column_r = column < 0 ? 0 : (unsigned)column;
	return plain ? STEP_IF : STEP_UNLESS;
}

static void compile_open(struct compiler *c, char sigil, struct str name)
{
	unsigned column = 0;

	if (c->depth == DEPTH_MAX) {
		if (!c->too_deep++)
			report(c, name, "more than %d sections inside each other", DEPTH_MAX);
		return;
	}
	enum step_kind kind = section_kind(c, sigil, name, &column);
	struct open_section *open = &c->open[c->depth++];
	*open = (struct open_section){ name, sigil, c->template->steps };
	struct step *step = add_step(c, kind);
	step->column = column;
	/* set again when it closes; a section that never does is an error */
	step->end = c->template->steps;
}

static void close_at(struct compiler *c, unsigned level)
{
	c->template->step[c->open[level].step].end = c->template->steps;
	memmove(c->open + level, c->open + level + 1,
		(c->depth - level - 1) * sizeof(*c->open));
	c->depth--;
}

static void compile_close(struct compiler *c, struct str name)
{
	if (c->too_deep) {
		c->too_deep--;
		return;
	}
	if (!c->depth) {
		report(c, name, "{{/%.*s}} closes nothing: no section is open",
		       STR_ARG(shown(name)));
		return;
	}
	struct open_section top = c->open[c->depth - 1];
	if (str_eq(top.name, name)) {
		close_at(c, c->depth - 1);
		return;
	}
	/* what follows is read as if the sections had been closed as they were meant */
	for (unsigned level = c->depth - 1; level--;)
		if (str_eq(c->open[level].name, name)) {
			report(c, name, "{{/%.*s}} crosses {{%c%.*s}}: write {{/%.*s}} before it",
			       STR_ARG(shown(name)), top.sigil, STR_ARG(shown(top.name)),
			       STR_ARG(shown(top.name)));
			close_at(c, level);
			return;
		}
	report(c, name, "{{/%.*s}} closes nothing: {{%c%.*s}} is open, write {{/%.*s}}",
	       STR_ARG(shown(name)), top.sigil, STR_ARG(shown(top.name)),
	       STR_ARG(shown(top.name)));
	if (str_distance(top.name, name, 2) <= 2)
		close_at(c, c->depth - 1);
}

static void compile_tag(struct compiler *c, struct str content)
{
	struct str tag = str_trim(content);
	char sigil = tag.len ? *tag.ptr : '\0';

	switch (sigil) {
	case '!':
		return;
	case '#':
	case '^':
	case '/':
		str_skip(&tag, 1);
		tag = str_trim(tag);
		if (!tag.len)
			report(c, tag, "{{%c}} lacks a name", sigil);
		else if (sigil == '/')
			compile_close(c, tag);
		else
			compile_open(c, sigil, tag);
		return;
	case '\0':
		report(c, content, "{{}} lacks a name");
		return;
	case '{':
	case '&':
	case '>':
	case '=':
		report(c, tag, "{{%c is not known here: nothing is escaped, write {{name}}", sigil);
		return;
	default:
		compile_hole(c, tag);
	}
}

static void compile_text(struct compiler *c, struct str text)
{
	if (text.len)
		add_step(c, STEP_TEXT)->text = text;
}

static const char *find_pair(struct str s, const char *pair)
{
	return s.len ? memmem(s.ptr, s.len, pair, 2) : NULL;
}

static struct str until(struct str s, const char *end)
{
	return str_n(s.ptr, end - s.ptr);
}

static void compile(struct compiler *c)
{
	struct str rest = c->source;
	const char *open;

	while ((open = find_pair(rest, "{{"))) {
		compile_text(c, until(rest, open));
		struct str tag = rest;
		str_skip(&tag, open + 2 - rest.ptr);
		const char *close = find_pair(tag, "}}"), *again = find_pair(tag, "{{");
		bool comment = tag.len && *tag.ptr == '!';

		if (!close || (again && again < close && !comment)) {
			report(c, str_n(open, 2), "{{ is not closed: write }} behind the name");
			rest = tag;
			continue;
		}
		compile_tag(c, until(tag, close));
		str_skip(&rest, close + 2 - rest.ptr);
	}
	compile_text(c, rest);
	for (unsigned i = 0; i < c->depth; i++)
		report(c, c->open[i].name, "{{%c%.*s}} is not closed: write {{/%.*s}}",
		       c->open[i].sigil, STR_ARG(shown(c->open[i].name)),
		       STR_ARG(shown(c->open[i].name)));
}

/* Each tag is one step, with at most one text before it. */
static unsigned steps_needed(struct str source)
{
	unsigned tags = 0;
	const char *open;

	for (; (open = find_pair(source, "{{")); tags++)
		str_skip(&source, open + 2 - source.ptr);
	return 2 * tags + 1;
}

struct template *template_new(struct arena *arena, struct str source, const char *const *names,
			      unsigned n, template_error_fn *fn, void *arg)
{
	struct template *template = arena_alloc(arena, sizeof(*template));
	struct compiler c = {
		.arena = arena, .source = str_n(arena_z(arena, source), source.len),
		.names = names, .fn = fn, .arg = arg, .template = template,
	};

	template->columns = n;
	template->uses = arena_alloc(arena, n * sizeof(*template->uses));
	template->step = arena_alloc(arena, steps_needed(source) * sizeof(*template->step));
	compile(&c);
	return c.errors ? NULL : template;
}

bool template_uses(const struct template *template, unsigned column)
{
	return column < template->columns && template->uses[column];
}

/* ---- rendering ---- */

struct job {
	const struct template *template;
	const struct template_data *data;
	struct buf *out;
};

/* 0, 0.00, -0 */
static bool is_zero(struct str s)
{
	unsigned zeros = 0, points = 0;

	if (s.len && (*s.ptr == '-' || *s.ptr == '+'))
		str_skip(&s, 1);
	for (size_t i = 0; i < s.len; i++) {
		zeros += s.ptr[i] == '0';
		points += s.ptr[i] == '.';
	}
	return zeros && points <= 1 && zeros + points == s.len;
}

static bool holds(struct str value)
{
	return value.len && !str_eqz(value, "f") && !str_eqz(value, "false") && !is_zero(value);
}

/* Puts out what was added behind mark once more, through the filter. */
static void apply_again(const struct job *job, const struct filter *filter, size_t mark)
{
	char small[256], *copy = small;
	size_t n = job->out->len - mark;

	if (n > sizeof(small))
		copy = mem_alloc(n);
	if (n)
		memcpy(copy, job->out->ptr + mark, n);
	job->out->len = mark;
	filter_apply(filter, str_n(copy, n), job->data->lang, job->out);
	if (copy != small)
		free(copy);
}

static void render_value(const struct job *job, const struct step *step, struct str value)
{
	size_t mark = job->out->len;

	if (!step->filters) {
		buf_str(job->out, value);
		return;
	}
	filter_apply(&step->filter[0], value, job->data->lang, job->out);
	for (unsigned i = 1; i < step->filters; i++)
		apply_again(job, &step->filter[i], mark);
}

static void render_number(const struct job *job, const struct step *step, unsigned row)
{
	char digits[16];
	int n = snprintf(digits, sizeof(digits), "%u", row + 1);

	render_value(job, step, str_n(digits, n));
}

static bool section_shown(const struct job *job, const struct step *step, unsigned row)
{
	const struct template_data *data = job->data;

	switch (step->kind) {
	case STEP_IF:
		return holds(data->get(data->arg, row, step->column));
	case STEP_UNLESS:
		return !holds(data->get(data->arg, row, step->column));
	case STEP_NO_ROWS:
		return data->rows == 0;
	case STEP_LAST:
		return row + 1 >= data->rows;
	default:
		return row + 1 < data->rows;
	}
}

static void render(const struct job *job, unsigned from, unsigned end, unsigned row)
{
	const struct template_data *data = job->data;

	for (unsigned i = from; i < end;) {
		const struct step *step = &job->template->step[i++];

		switch (step->kind) {
		case STEP_TEXT:
			buf_str(job->out, step->text);
			break;
		case STEP_HOLE:
			render_value(job, step, data->get(data->arg, row, step->column));
			break;
		case STEP_NUMBER:
			render_number(job, step, row);
			break;
		case STEP_ROWS:
			for (unsigned r = 0; r < data->rows; r++)
				render(job, i, step->end, r);
			i = step->end;
			break;
		default:
			if (section_shown(job, step, row))
				render(job, i, step->end, row);
			i = step->end;
		}
	}
}

void template_render(const struct template *template, const struct template_data *data,
		     struct buf *out)
{
	struct job job = { template, data, out };

	render(&job, 0, template->steps, 0);
}
