/* problems - see problems.h and tables.h. */
#include "table/problems.h"

#include <stdlib.h>

void problem_add(struct problems *problems, int level, struct place place, const char *format, ...)
{
	char text[2048];
	va_list ap;

	if (!(problems->n & (problems->n - 1))) {	/* full at powers of two */
		unsigned cap = problems->n ? 2 * problems->n : 1;
		struct problem *list = arena_alloc(problems->arena, cap * sizeof(*list));

		if (problems->n)
			memcpy(list, problems->list, problems->n * sizeof(*list));
		problems->list = list;
	}
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (place.file)		/* the sources may go before the problems are read */
		place.file = arena_z(problems->arena, str_z(place.file));
	problems->list[problems->n++] = (struct problem){
		level, place, arena_z(problems->arena, str_z(text)),
	};
	problems->errors += level == PROBLEM_ERROR;
}

static int compare(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;
	int c = str_cmp(str_z(x->place.file), str_z(y->place.file));

	if (c)
		return c;
	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	if (x->place.column != y->place.column)
		return x->place.column < y->place.column ? -1 : 1;
	if (x->level != y->level)
		return x->level - y->level;
	return strcmp(x->text, y->text);
}

void problems_sort(struct problems *problems)
{
	unsigned n = 0;

	if (problems->n)
		qsort(problems->list, problems->n, sizeof(*problems->list), compare);
	for (unsigned i = 0; i < problems->n; i++) {
		if (n && compare(&problems->list[n - 1], &problems->list[i]) == 0)
			problems->errors -= problems->list[i].level == PROBLEM_ERROR;
		else
			problems->list[n++] = problems->list[i];
	}
	problems->n = n;
}

void problems_print(FILE *out, const struct problems *problems)
{
	for (unsigned i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		fprintf(out, "%s:%u:%u: %s: %s\n", p->place.file ? p->place.file : "-",
			p->place.line, p->place.column,
			p->level == PROBLEM_ERROR ? "error" : "warning", p->text);
	}
}
