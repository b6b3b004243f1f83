/* sheet - see sheet.h.  libcsv reads; it is fed a line at a time, so that rows know theirs. */
#include "text/sheet.h"

#include <csv.h>
#include <stdlib.h>

#include "base/mem.h"

struct sheet {
	struct encoding_lines *lines;
	struct csv_parser parser;
	char separator;
	struct buf bytes;			/* the fields of the row, one behind the other */
	size_t end[SHEET_COLUMNS_MAX];		/* of each in bytes */
	unsigned n;
	bool over;				/* the row is whole */
};

/* Of the separators in the first line that is not empty, outside quotes, the most frequent. */
static char guess_separator(struct encoding_lines *lines)
{
	static const char separators[] = ",;\t";
	struct encoding_place begin = encoding_lines_tell(lines);
	struct encoding_line line = { 0 };
	unsigned count[3] = { 0 }, best = 0;
	bool quoted = false;

	while (encoding_lines_next(lines, &line) && !line.text.len)
		;
	for (size_t i = 0; i < line.text.len; i++) {
		const char *s = strchr(separators, line.text.ptr[i]);

		quoted ^= line.text.ptr[i] == '"';
		if (s && !quoted)
			count[s - separators]++;
	}
	for (unsigned i = 1; i < 3; i++)
		if (count[i] > count[best])
			best = i;
	encoding_lines_seek(lines, begin);
	return separators[best];
}

static int is_line_end(unsigned char c)
{
	return c == '\n';
}

struct sheet *sheet_new(struct str content)
{
	struct sheet *sheet = mem_alloc(sizeof(*sheet));

	sheet->lines = encoding_lines_new(content);
	sheet->separator = guess_separator(sheet->lines);
	csv_init(&sheet->parser, CSV_STRICT);
	csv_set_delim(&sheet->parser, sheet->separator);
	csv_set_term_func(&sheet->parser, is_line_end);
	return sheet;
}

void sheet_free(struct sheet **sheet)
{
	if (*sheet) {
		encoding_lines_free(&(*sheet)->lines);
		csv_free(&(*sheet)->parser);
		buf_free(&(*sheet)->bytes);
	}
	free(*sheet);
	*sheet = NULL;
}

char sheet_separator(const struct sheet *sheet)
{
	return sheet->separator;
}

enum encoding sheet_encoding(const struct sheet *sheet)
{
	return encoding_of(sheet->lines);
}

static void take_field(void *bytes, size_t len, void *arg)
{
	struct sheet *sheet = arg;

	buf_add(&sheet->bytes, bytes, len);
	if (sheet->n < SHEET_COLUMNS_MAX)
		sheet->end[sheet->n] = sheet->bytes.len;
	sheet->n++;
}

static void take_row(int end, void *arg)
{
	(void)end;
	((struct sheet *)arg)->over = true;
}

static bool feed(struct sheet *sheet, struct str line)
{
	struct csv_parser *p = &sheet->parser;

	return csv_parse(p, line.ptr, line.len, take_field, take_row, sheet) == line.len &&
	       csv_parse(p, "\n", 1, take_field, take_row, sheet) == 1;
}

/* Forgets a row that was not read to its end. */
static void drop(struct sheet *sheet)
{
	csv_fini(&sheet->parser, NULL, NULL, NULL);
}

/* Reads lines until a row is whole.  What is wrong with it may show many lines later, at a quote
 * that was not closed here: reading goes on behind the row's first line. */
static enum sheet_fault read_row(struct sheet *sheet, unsigned *number_r, bool *end_r)
{
	struct encoding_place behind = { 0 };
	enum sheet_fault fault = SHEET_GOOD;
	struct encoding_line line;
	size_t octets = 0;
	unsigned lines = 0;

	while (!sheet->over && fault == SHEET_GOOD) {
		if (!encoding_lines_next(sheet->lines, &line)) {
			*end_r = lines == 0;
			fault = lines ? SHEET_QUOTES : SHEET_GOOD;
			break;
		}
		if (!str_trim(line.text).len && !line.wrong && !lines)
			continue;
		if (!lines++) {
			*number_r = line.number;
			behind = encoding_lines_tell(sheet->lines);
		}
		octets += line.text.len;
		if (line.wrong)
			fault = SHEET_ENCODING;
		else if (octets > SHEET_ROW_MAX)
			fault = lines > 1 ? SHEET_QUOTES : SHEET_TOO_LONG;
		else if (lines > SHEET_ROW_LINES_MAX || !feed(sheet, line.text))
			fault = SHEET_QUOTES;
	}
	if (fault != SHEET_GOOD) {
		drop(sheet);
		encoding_lines_seek(sheet->lines, behind);
	}
	return fault;
}

bool sheet_next(struct sheet *sheet, struct sheet_row *row_r)
{
	bool end = false;
	size_t from = 0;

	sheet->bytes.len = 0;
	sheet->n = 0;
	sheet->over = false;
	row_r->n = 0;
	row_r->fault = read_row(sheet, &row_r->line, &end);
	if (end)
		return false;
	if (row_r->fault == SHEET_GOOD && sheet->n > SHEET_COLUMNS_MAX)
		row_r->fault = SHEET_TOO_LONG;
	for (; row_r->fault == SHEET_GOOD && row_r->n < sheet->n; row_r->n++) {
		size_t to = sheet->end[row_r->n];

		row_r->field[row_r->n] = str_n(buf_get(&sheet->bytes).ptr + from, to - from);
		from = to;
	}
	return true;
}
