/* rate - see rate.h. */
#include "flow/rate.h"

#include <stdio.h>
#include <stdlib.h>

/* What comes together while nobody looks: the door looks a few times a second. */
static const double LOOK_S = 0.25;

struct bucket {
	char link[64];
	double per_s, burst, tokens;
};

struct rate {
	uv_loop_t *loop;
	struct bucket all;
	uint64_t at_ms, until_ms;	/* filled up to then; the lease ends */
	unsigned n;
	struct bucket *link;
};

struct rate *rate_new(uv_loop_t *loop, unsigned all)
{
	struct rate *r = mem_alloc(sizeof(*r));

	r->loop = loop;
	r->all = (struct bucket){ .per_s = all, .burst = all };
	r->at_ms = uv_now(loop);
	return r;
}

void rate_free(struct rate **rate)
{
	free((*rate)->link);
	free(*rate);
	*rate = NULL;
}

static void fill(struct bucket *b, double seconds)
{
	double most = b->burst > b->per_s * LOOK_S ? b->burst : b->per_s * LOOK_S;

	b->tokens += b->per_s * seconds;
	if (b->tokens > most)
		b->tokens = most;
}

static void fill_all(struct rate *r)
{
	uint64_t now = uv_now(r->loop), end = now < r->until_ms ? now : r->until_ms;

	fill(&r->all, (now - r->at_ms) / 1e3);
	for (unsigned i = 0; end > r->at_ms && i < r->n; i++)
		fill(&r->link[i], (end - r->at_ms) / 1e3);
	r->at_ms = now;
}

static struct bucket *find(const struct rate *r, struct str link)
{
	for (unsigned i = 0; i < r->n; i++)
		if (str_eqz(link, r->link[i].link))
			return &r->link[i];
	return NULL;
}

/* A link that is new begins empty: the others may have spent its burst just now. */
void rate_lease(struct rate *r, const PGresult *res, uint64_t until_ms)
{
	unsigned n = (unsigned)PQntuples(res);
	struct bucket *link = mem_alloc((n + 1) * sizeof(*link));

	fill_all(r);
	for (unsigned i = 0; i < n; i++) {
		const struct bucket *old = find(r, db_cell(res, i, 0));

		snprintf(link[i].link, sizeof(link[i].link), "%s", PQgetvalue(res, i, 0));
		link[i].per_s = atof(PQgetvalue(res, i, 1));
		link[i].burst = atof(PQgetvalue(res, i, 2));
		link[i].tokens = old ? old->tokens : 0;
		fill(&link[i], 0);
	}
	free(r->link);
	r->link = link;
	r->n = n;
	r->until_ms = until_ms;
}

unsigned rate_allowed(struct rate *r)
{
	fill_all(r);
	return uv_now(r->loop) < r->until_ms && r->all.tokens >= 1 ? (unsigned)r->all.tokens : 0;
}

void rate_links(struct rate *r, struct array *links, struct array *tokens)
{
	fill_all(r);
	array_begin(links, ARRAY_TEXT);
	array_begin(tokens, ARRAY_INT2);
	for (unsigned i = 0; i < r->n; i++) {
		double t = r->link[i].tokens;

		array_text(links, str_z(r->link[i].link));
		array_int2(tokens, t < 1 ? 0 : t > INT16_MAX ? INT16_MAX : (int)t);
	}
}

void rate_spend(struct rate *r, struct str link, unsigned segments)
{
	struct bucket *b = find(r, link);

	r->all.tokens -= segments;
	if (b)
		b->tokens -= segments;
}
