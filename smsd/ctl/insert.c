/* insert - see insert.h.  The tree tells where values begin and how scalars end; the rest is read
 * from the bytes.  Whoever calls compares the trees before and after. */
#include "ctl/insert.h"

#include <ctype.h>

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* What the tree and the bytes do not agree on (line ends other than \n) must not lead outside. */
static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Columns count characters. */
static size_t offset_of(struct str content, unsigned line, unsigned column)
{
	size_t at = 0;

	for (; line > 1 && at < content.len; at++)
		line -= content.ptr[at] == '\n';
	while (column > 1 && at < content.len) {
		at++;
		while (at < content.len && continues(content.ptr[at]))
			at++;
		column--;
	}
	return at;
}

static size_t begin_of(struct str content, const struct yaml_node *node)
{
	return offset_of(content, node->line, node->column);
}

static bool is_flow(struct str content, const struct yaml_node *node)
{
	size_t at = begin_of(content, node);

	return node->kind != YAML_SCALAR && at < content.len &&
	       (content.ptr[at] == '[' || content.ptr[at] == '{');
}

static size_t line_begin(struct str content, size_t at)
{
	while (at > 0 && content.ptr[at - 1] != '\n')
		at--;
	return at;
}

/* Before its newline. */
static size_t line_end(struct str content, size_t at)
{
	while (at < content.len && content.ptr[at] != '\n')
		at++;
	return at > 0 && at < content.len && content.ptr[at - 1] == '\r' ? at - 1 : at;
}

/* What may stand between the values of a flow list: space, commas, comments. */
static size_t skip_fill(struct str content, size_t at)
{
	for (; at < content.len; at++)
		if (content.ptr[at] == '#')
			at = line_end(content, at) - 1;
		else if (!strchr(" \t\r\n,", content.ptr[at]))
			break;
	return at;
}

static const struct yaml_node *last_of(const struct yaml_node *node)
{
	const struct yaml_node *last = node->child;

	while (last && last->next)
		last = last->next;
	return last;
}

/* Behind its last byte. */
static size_t end_of(struct str content, const struct yaml_node *node)
{
	size_t end = begin_of(content, node);
	const struct yaml_node *last = last_of(node);

	if (node->kind == YAML_SCALAR) {	/* a block's end is where the next thing begins */
		end = least(end + node->raw.len, content.len);
		for (size_t begin = begin_of(content, node); end > begin; end--)
			if (!strchr(" \t\r\n", content.ptr[end - 1]))
				break;
		return end;
	}
	bool flow = is_flow(content, node);
	end = last ? end_of(content, last) : end + flow;
	return flow ? least(skip_fill(content, end) + 1, content.len) : end;
}

static const char *newline(struct str content)
{
	const char *nl = memchr(content.ptr, '\n', content.len);

	return nl && nl > content.ptr && nl[-1] == '\r' ? "\r\n" : "\n";
}

static void put(struct insertions *io, size_t at, struct str text)
{
	if (io->n == INSERTIONS_MAX)
		return;
	unsigned i = io->n++;
	for (; i > 0 && io->list[i - 1].at > at; i--)
		io->list[i] = io->list[i - 1];
	io->list[i].at = at;
	io->list[i].text = text;
}

static int by_hand(const struct yaml_node *list, struct err *err)
{
	return err_set(err, ERR_INPUT,
		       "line %u: the list is written in a way that only a person can add to "
		       "(write each item behind a dash on a line of its own, or add it by hand)",
		       list->line);
}

static int insert_block(struct arena *arena, struct str content, const struct yaml_node *list,
			struct str item, struct insertions *io, struct err *err)
{
	const struct yaml_node *last = last_of(list);

	if (!last)
		return by_hand(list, err);
	size_t begin = begin_of(content, last), line = line_begin(content, begin);
	struct str prefix = str_n(content.ptr + line, begin - line);
	if (!str_eqz(str_trim(prefix), "-"))
		return by_hand(list, err);
	put(io, line_end(content, end_of(content, last)),
	    arena_printf(arena, "%s%.*s%.*s", newline(content), STR_ARG(prefix), STR_ARG(item)));
	return 0;
}

/* The item before stands first on a line: so does the new one, and its comment stays with it. */
static void insert_flow_line(struct arena *arena, struct str content, size_t end,
			     struct str prefix, struct str item, struct insertions *io)
{
	size_t rest = end;
	bool comma = false;

	for (; rest < content.len && (blank(content.ptr[rest]) || content.ptr[rest] == ','); rest++)
		comma |= content.ptr[rest] == ',';
	if (rest < content.len && !strchr("#\r\n", content.ptr[rest])) {
		put(io, end, arena_printf(arena, ",%s%.*s%.*s", newline(content), STR_ARG(prefix),
					  STR_ARG(item)));
		return;
	}
	if (!comma)
		put(io, end, STR(","));
	put(io, line_end(content, end),
	    arena_printf(arena, "%s%.*s%.*s%s", newline(content), STR_ARG(prefix), STR_ARG(item),
			 comma ? "," : ""));
}

static void insert_flow(struct arena *arena, struct str content, const struct yaml_node *list,
			struct str item, struct insertions *io)
{
	const struct yaml_node *last = last_of(list);

	if (!last) {
		put(io, least(begin_of(content, list) + 1, content.len), item);
		return;
	}
	size_t begin = begin_of(content, last), line = line_begin(content, begin);
	struct str prefix = str_n(content.ptr + line, begin - line);
	size_t end = end_of(content, last);

	if (str_trim(prefix).len == 0)
		insert_flow_line(arena, content, end, prefix, item, io);
	else
		put(io, end, arena_printf(arena, ", %.*s", STR_ARG(item)));
}

int insert_item(struct arena *arena, struct str content, const struct yaml_node *list,
		struct str item, struct insertions *io, struct err *err)
{
	if (list->kind != YAML_SEQUENCE)
		return by_hand(list, err);
	if (!is_flow(content, list))
		return insert_block(arena, content, list, item, io, err);
	insert_flow(arena, content, list, item, io);
	return 0;
}

struct str insert_mapping(struct arena *arena, struct str content, const struct yaml_node *list,
			  const char *key, struct str value)
{
	const struct yaml_node *last = last_of(list);
	bool braces = is_flow(content, list) || (last && is_flow(content, last));

	return arena_printf(arena, braces ? "{%s: %.*s}" : "%s: %.*s", key, STR_ARG(value));
}

void insert_below(struct arena *arena, struct str content, const struct yaml_node *after,
		  struct str line, struct insertions *io)
{
	put(io, line_end(content, end_of(content, after)),
	    arena_printf(arena, "%s%*s%.*s", newline(content), (int)after->key_column - 1, "",
			 STR_ARG(line)));
}

/* Letters, digits, what is not ASCII, and single spaces between: nothing that YAML reads. */
static bool plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = text.ptr[i];

		if (c < 0x80 && !isalnum(c) && !(c == ' ' && i > 0 && i + 1 < text.len))
			return false;
	}
	return text.len > 0;
}

struct str insert_quoted(struct arena *arena, struct str text, char style)
{
	char quote = style == '\'' ? '\'' : '"';
	struct buf out = { 0 };

	if (style == 0 && plain(text))
		return text;
	buf_char(&out, quote);
	for (size_t i = 0; i < text.len; i++) {
		if (quote == '\'' && text.ptr[i] == '\'')
			buf_char(&out, '\'');
		else if (quote == '"' && (text.ptr[i] == '"' || text.ptr[i] == '\\'))
			buf_char(&out, '\\');
		buf_char(&out, text.ptr[i]);
	}
	buf_char(&out, quote);
	struct str quoted = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return quoted;
}

struct str insert_apply(struct arena *arena, struct str content, const struct insertions *ins)
{
	struct buf out = { 0 };
	size_t from = 0;

	for (unsigned i = 0; i < ins->n; i++) {
		buf_add(&out, content.ptr + from, ins->list[i].at - from);
		buf_str(&out, ins->list[i].text);
		from = ins->list[i].at;
	}
	buf_add(&out, content.ptr + from, content.len - from);
	struct str applied = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return applied;
}

unsigned insert_line(const struct insertions *ins, unsigned i, struct str applied,
		     struct str *lines_r)
{
	struct str text = ins->list[i].text;
	size_t at = ins->list[i].at;
	unsigned line = 1;

	for (unsigned k = 0; k < i; k++)
		at += ins->list[k].text.len;
	size_t end = line_end(applied, at + text.len);
	while (text.len > 1 && (*text.ptr == '\r' || *text.ptr == '\n'))
		str_skip(&text, 1), at++;
	at = line_begin(applied, at);
	for (size_t k = 0; k < at; k++)
		line += applied.ptr[k] == '\n';
	*lines_r = str_n(applied.ptr + at, end - at);
	return line;
}
