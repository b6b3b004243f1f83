/* mix - see mix.h. */
#include "mix.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 1 << 20, VOUCHER_DIGITS = 16 };

struct list {
	struct list *next;
	struct str name;
	struct str *member;
	unsigned count;
};

struct wording {
	struct str text, then;
	uint64_t up_to;			/* its weight and those before it */
};

struct mix {
	struct arena *arena;
	struct list *lists;
	struct wording *wording;
	unsigned count;
	uint64_t weight;
	uint64_t random;
	uint64_t voucher, vouchers_end;
};

/* What more than half of a hall's customers want to know. */
static const char queries[] =
	"30\tYE\n20\tCXYE\n10\t余额\n10\t查话费\n"
	"10\tCXLL\n5\t查流量\n5\tCXTC\n5\t102\n5\t积分\n";

/* xorshift64*: the same seed gives the same texts. */
static uint64_t roll(struct mix *mix, uint64_t below)
{
	mix->random ^= mix->random >> 12;
	mix->random ^= mix->random << 25;
	mix->random ^= mix->random >> 27;
	return (mix->random * 0x2545f4914f6cdd1du >> 11) % below;
}

static const struct list *list_by_name(const struct mix *mix, struct str name)
{
	const struct list *list = mix->lists;

	while (list && !str_eq(list->name, name))
		list = list->next;
	return list;
}

static struct str take_until(struct str *rest, const char *ends)
{
	size_t n = 0;

	while (n < rest->len && !strchr(ends, rest->ptr[n]))
		n++;
	struct str taken = str_n(rest->ptr, n);
	str_skip(rest, n < rest->len ? n + 1 : n);
	return taken;
}

static void add_list(struct mix *mix, struct str line)
{
	struct list *list = arena_alloc(mix->arena, sizeof(*list));

	list->name = take_until(&line, " \t");
	list->member = arena_alloc(mix->arena, (line.len / 2 + 1) * sizeof(*list->member));
	while (line.len) {
		struct str member = take_until(&line, " \t");

		if (member.len)
			list->member[list->count++] = member;
	}
	list->next = mix->lists;
	mix->lists = list;
}

static int add_wording(struct mix *mix, struct str line, const char *where, struct err *err)
{
	struct str weight = take_until(&line, "\t");

	if (!str_digits(weight) || weight.len > 6 || !line.len)
		return err_set(err, ERR_INPUT, "%s: weight, a tab and a text are wanted", where);
	mix->weight += strtoul(weight.ptr, NULL, 10);
	mix->wording = mem_grow(mix->wording, (mix->count + 1) * sizeof(*mix->wording));
	struct str text = take_until(&line, "\t");
	mix->wording[mix->count++] = (struct wording){ text, line, mix->weight };
	return 0;
}

/* Whether every hole can be filled, once all lists are known. */
static int check_holes(const struct mix *mix, const char *source, struct err *err)
{
	for (unsigned i = 0; i < mix->count; i++) {
		struct str rest = mix->wording[i].text;

		for (take_until(&rest, "{"); rest.len; take_until(&rest, "{")) {
			struct str name = take_until(&rest, "}");
			const struct list *list = list_by_name(mix, name);

			if (str_eqz(name, "voucher") || str_eqz(name, "n") || (list && list->count))
				continue;
			return err_set(err, ERR_INPUT,
				       "%s: {%.*s}: no such list (add a line @%.*s …)", source,
				       STR_ARG(name), STR_ARG(name));
		}
	}
	if (!mix->weight)
		return err_set(err, ERR_INPUT, "%s: no texts with a weight", source);
	return 0;
}

static int parse(struct mix *mix, const char *source, struct str text, struct err *err)
{
	char where[300];
	unsigned number = 0;

	while (text.len) {
		struct str line = take_until(&text, "\n");

		number++;
		snprintf(where, sizeof(where), "%s:%u", source, number);
		if (str_ends(line, STR("\r")))
			line.len--;
		if (str_starts(line, STR("@"))) {
			str_skip(&line, 1);
			add_list(mix, line);
		} else if (line.len && !str_starts(line, STR("#")) &&
			   add_wording(mix, line, where, err) < 0) {
			return -1;
		}
	}
	return check_holes(mix, source, err);
}

static int read_file(struct mix *mix, const char *path, struct str *text_r, struct err *err)
{
	char *text = arena_alloc(mix->arena, FILE_MAX + 1);
	FILE *f = fopen(path, "r");

	if (!f)
		return err_set(err, ERR_INPUT, "%s: %m", path);
	size_t n = fread(text, 1, FILE_MAX + 1, f);
	bool bad = ferror(f);
	fclose(f);
	if (bad || n > FILE_MAX)
		return err_set(err, ERR_INPUT, "%s: cannot be read, or is over %d octets", path,
			       FILE_MAX);
	*text_r = str_n(text, n);
	return 0;
}

struct mix *mix_new(const char *source, uint64_t seed, struct err *err)
{
	struct mix *mix = mem_alloc(sizeof(*mix));
	struct str text = str_z(queries);

	mix->arena = arena_new();
	mix->random = seed * 2 + 1;
	if ((strcmp(source, "queries") != 0 && read_file(mix, source, &text, err) < 0) ||
	    parse(mix, source, text, err) < 0)
		mix_free(&mix);
	return mix;
}

void mix_free(struct mix **mix)
{
	if (!*mix)
		return;
	arena_free(&(*mix)->arena);
	free((*mix)->wording);
	free(*mix);
	*mix = NULL;
}

void mix_vouchers(struct mix *mix, uint64_t first, uint64_t count)
{
	mix->voucher = first;
	mix->vouchers_end = first + count;
}

static int fill(struct mix *mix, struct str name, uint64_t n, struct buf *out, struct err *err)
{
	if (str_eqz(name, "n")) {
		buf_printf(out, "%llu", (unsigned long long)n);
	} else if (str_eqz(name, "voucher")) {
		if (mix->voucher >= mix->vouchers_end)
			return err_set(err, ERR_LIMIT, "no voucher is left for text %llu: give "
				       "more by --vouchers FIRST:COUNT", (unsigned long long)n);
		buf_printf(out, "%0*llu", VOUCHER_DIGITS, (unsigned long long)mix->voucher++);
	} else {
		const struct list *list = list_by_name(mix, name);

		buf_str(out, list->member[roll(mix, list->count)]);
	}
	return 0;
}

struct str mix_then(struct str *then)
{
	return take_until(then, "\t");
}

int mix_next(struct mix *mix, uint64_t n, struct buf *out, struct str *then_r, struct err *err)
{
	uint64_t at = roll(mix, mix->weight);
	const struct wording *w = mix->wording;

	while (w->up_to <= at)
		w++;
	struct str rest = w->text;
	if (then_r)
		*then_r = w->then;
	while (rest.len) {
		size_t before = rest.len;
		struct str fixed = take_until(&rest, "{");

		buf_str(out, fixed);
		if (fixed.len == before)
			break;			/* no hole follows */
		struct str name = take_until(&rest, "}");
		if (fill(mix, name, n, out, err) < 0)
			return -1;
	}
	return 0;
}
