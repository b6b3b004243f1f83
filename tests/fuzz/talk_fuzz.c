/* Each line is a text of one customer, or begins with a control character and says what the world does: time passes, a
 * price changes, the SQL says no, the tables that asked are gone.  Whatever is said in whatever order, what talk_world.h
 * checks stays true: nothing is charged without a yes to its own question, no secret is kept, all is bounded. */
#include <stdint.h>

#include "../unit/talk_world.h"

/* What gets somewhere sooner than random bytes do. */
static const char *const phrases[] = {
	"DD 彩铃", "DD LDXS", "Y", "N", "好的", "1", "2", "3", "4", "0", "00", "MM", "ZU", "PF", "TS", "5", "BX", "YZ", "123456", "111111",
	"XGMM", "XGMM 123456 654321", "654321", "ZZ 5", "ZZ 5 123456", "CZ", "1234567890123456", "YG", "成交", "退出", "谢谢", "CX", "余饿",
	"DF CAILING", "火星", "Y？", "PC", "TQ", "GQ", "密码是1234", "请确认", "第二个", "查余",
};
enum { PHRASES = sizeof(phrases) / sizeof(*phrases) };

static void lose_tables(struct world *w, unsigned n)
{
	for (unsigned i = 0; i < w->n; i++) {
		if (!(n >> (i % 8) & 1))
			continue;
		w->dialogue[i].tables = NULL;
		w->dialogue[i].command = NULL;
		if (n & 16)
			dialogue_bind(&w->dialogue[i], w->tables);
	}
}

static void happen(struct world *w, const char *line)
{
	static const char *const outcomes[] = { "ok", "bad", "changed" }, *const ports[] = { "10086", "1008601", "1008602" };
	static const char *const brands[] = { "gotone", "mzone" }, *const prices[] = { "7", "8" }, *const hashes[] = { "H", "" };
	unsigned n = line[1] ? (unsigned char)line[1] : 0;

	switch (line[0]) {
	case 1: w->now_us += (int64_t)n * n * 3 * 1000000; break;
	case 2: w->outcome = outcomes[n % 3]; break;
	case 3: w->quote = outcomes[n % 2]; break;
	case 4: w->price = prices[n % 2]; break;
	case 5: w->port = ports[n % 3]; break;
	case 6: w->brand = brands[n % 2]; break;
	case 7: w->count = n % 4; break;
	case 8: lose_tables(w, n); break;
	case 11: w->lang = n % 2; break;
	case 12: w->hash = hashes[n % 2]; break;
	case 14: if (*w->code) world_hear(w, w->code); break;
	default: world_hear(w, phrases[n % PHRASES]); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	char line[1400];
	size_t n = 0;

	if (size > 4000)
		return 0;
	if (!w.kept)
		world_begin(&w);
	else
		world_reset(&w);
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n' && n < sizeof(line) - 1) {
			line[n++] = data[i];
			continue;
		}
		line[n] = '\0';
		if (n && line[0] > 0 && line[0] < ' ')
			happen(&w, line);
		else if (n)
			world_hear(&w, arena_z(w.kept, fold_utf8_mend(w.kept, str_z(line))));
		n = 0;
	}
	return 0;
}
