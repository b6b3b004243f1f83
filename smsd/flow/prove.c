/* prove - service passwords against their argon2id hashes, and the hashes of new ones.  That takes long on purpose, so it is
 * done in the pool while the text waits outside of any batch, unacknowledged. */
#include <sodium.h>
#include <stdlib.h>

#include "base/log.h"
#include "flow/hall.h"

struct prove {
	uv_work_t work;
	struct lane *lane;
	struct text *text;
	struct proof proof;
	char secret[64], new_secret[64];
};

static void in_pool(uv_work_t *work)
{
	struct prove *p = work->data;

	proof_make(&p->proof, str_z(p->secret), str_z(p->new_secret));
	sodium_memzero(p->secret, sizeof(p->secret));
	sodium_memzero(p->new_secret, sizeof(p->new_secret));
}

static void after_pool(uv_work_t *work, int status)
{
	struct prove *p = work->data;
	struct lane *lane = p->lane;

	if (status < 0)		/* nothing was worked out: it is asked for again */
		memset(&p->proof, 0, sizeof(p->proof));
	if (lane->hall->ending) {
		text_free(p->text);
	} else {
		free(p->text->proof);
		p->text->proof = mem_alloc(sizeof(*p->text->proof));
		*p->text->proof = p->proof;
		map_del(lane->proving, str_z(p->text->msisdn.text));
		queue_front(lane, p->text);
	}
	free(p);
}

static void copy(char *to, size_t size, struct str from)
{
	size_t n = from.len < size ? from.len : size - 1;

	if (n)
		memcpy(to, from.ptr, n);
	to[n] = '\0';
}

void prove_start(struct lane *lane, struct text *text, const struct talk *talk)
{
	struct prove *p = mem_alloc(sizeof(*p));

	p->lane = lane;
	p->text = text;
	p->work.data = p;
	copy(p->proof.hash, sizeof(p->proof.hash), talk->hash);
	copy(p->secret, sizeof(p->secret), talk->secret);
	copy(p->new_secret, sizeof(p->new_secret), talk->new_secret);
	map_put(lane->proving, str_z(text->msisdn.text), text);
	if (uv_queue_work(lane->hall->loop, &p->work, in_pool, after_pool) != 0)
		after_pool(&p->work, -1);
}
