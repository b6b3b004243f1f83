/* replies - see replies.h. */
#include "replies.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "kannel/wire.h"
#include "text/fold.h"
#include "text/glyph.h"
#include "text/utf16.h"

enum { LINE_MAX_OCTETS = 16384 };

struct replies {
	struct arena *arena;
	struct reply_line *line;
	unsigned count, next;
};

static void add(struct replies *replies, struct str text, bool report)
{
	struct reply_line *line;

	replies->line = mem_grow(replies->line, (replies->count + 1) * sizeof(*replies->line));
	line = &replies->line[replies->count++];
	line->text = line->wire = arena_str(replies->arena, text);
	line->coding = BOX_CODING_UTF8;
	line->report = report;
	if (glyph_coding(text) == CODING_GSM7)
		return;
	line->coding = BOX_CODING_UCS2;
	line->wire = utf16_from_utf8(replies->arena, line->text);
}

static int add_line(struct replies *replies, struct str line, struct err *err)
{
	bool report = str_starts(line, STR("1\t"));

	if (!report && !str_starts(line, STR("0\t")))
		return err_set(err, ERR_INPUT, "0 or 1, a tab and a text are wanted");
	str_skip(&line, 2);
	if (!line.len || !fold_utf8_ok(line))
		return err_set(err, ERR_INPUT, "the text is empty or no UTF-8");
	add(replies, line, report);
	return 0;
}

static int add_lines(struct replies *replies, FILE *f, struct err *err)
{
	char line[LINE_MAX_OCTETS];

	while (fgets(line, sizeof(line), f)) {
		struct str text = str_z(line);

		if (str_ends(text, STR("\n")))
			text.len--;
		if (add_line(replies, text, err) < 0)
			return err_prefix(err, "line %u", replies->count + 1);
	}
	if (ferror(f) || !replies->count)
		return err_set(err, ERR_INPUT, "no answers could be read");
	return 0;
}

static struct replies *replies_new(void)
{
	struct replies *replies = mem_alloc(sizeof(*replies));

	replies->arena = arena_new();
	return replies;
}

struct replies *replies_read(const char *path, struct err *err)
{
	struct replies *replies;
	FILE *f = fopen(path, "r");

	if (!f) {
		err_set(err, ERR_INPUT, "%s: %m", path);
		return NULL;
	}
	replies = replies_new();
	if (add_lines(replies, f, err) < 0) {
		err_prefix(err, "%s", path);
		replies_free(&replies);
	}
	fclose(f);
	return replies;
}

struct replies *replies_one(const char *text)
{
	struct replies *replies = replies_new();

	add(replies, str_z(text), false);
	return replies;
}

void replies_free(struct replies **replies)
{
	if (!*replies)
		return;
	arena_free(&(*replies)->arena);
	free((*replies)->line);
	free(*replies);
	*replies = NULL;
}

const struct reply_line *replies_next(struct replies *replies)
{
	const struct reply_line *line = &replies->line[replies->next];

	replies->next = (replies->next + 1) % replies->count;
	return line;
}

unsigned replies_count(const struct replies *replies)
{
	return replies->count;
}
