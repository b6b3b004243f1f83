/* wire_random - messages for the tests of wire: random ones, and whether two are the same. */
#pragma once
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kannel/wire.h"

#define SOME_ID "0190163d-8694-739b-aea5-966c26f8ad91"

/* WIRE_SEED=… in the environment repeats a run. */
static inline unsigned random_seed(void)
{
	const char *given = getenv("WIRE_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) :
		(unsigned)time(NULL) * 2654435761u;

	printf("# WIRE_SEED=%u\n", seed);
	fflush(stdout);
	return seed;
}

static inline int32_t random_int(unsigned *seed)
{
	static const int32_t border[] = { -1, 0, 1, INT32_MAX, INT32_MIN, -2, 0x7fff, 0x10000 };

	if (rand_r(seed) % 3 == 0)
		return border[(unsigned)rand_r(seed) % (sizeof(border) / sizeof(*border))];
	return (int32_t)((uint32_t)rand_r(seed) << 16 ^ (uint32_t)rand_r(seed));
}

/* NULL, empty, short, and now and then long; any octets. */
static inline struct str random_str(struct arena *arena, unsigned *seed)
{
	unsigned kind = (unsigned)rand_r(seed) % 8;

	if (kind == 0)
		return (struct str){ 0 };
	size_t len = kind == 1 ? 0 : (unsigned)rand_r(seed) % (kind == 2 ? 3000 : 40);
	char *bytes = arena_alloc(arena, len + 1);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)rand_r(seed);
	return str_n(bytes, len);
}

static inline struct str random_id(struct arena *arena, unsigned *seed)
{
	char *id = arena_alloc(arena, 37);

	for (int i = 0; i < 36; i++)
		id[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' :
			"0123456789abcdef"[rand_r(seed) % 16];
	return str_n(id, 36);
}

static inline void random_sms(struct arena *arena, unsigned *seed, struct box_sms *sms)
{
#define BOX_S(name) sms->name = random_str(arena, seed);
#define BOX_U(name) sms->name = random_id(arena, seed);
#define BOX_I(name) sms->name = random_int(seed);
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
	sms->sms_type = rand_r(seed) % 5;
	if (!sms->sender.ptr)
		sms->sender = STR("10086");
	if (!sms->msgdata.ptr)
		sms->msgdata = STR("");
}

static inline void random_msg(struct arena *arena, unsigned *seed, struct box_msg *msg)
{
	*msg = (struct box_msg){ .type = (enum box_type)(rand_r(seed) % BOX_WDP) };
	switch (msg->type) {
	case BOX_HEARTBEAT:
		msg->heartbeat.load = random_int(seed);
		break;
	case BOX_ADMIN:
		msg->admin.command = random_int(seed);
		msg->admin.boxc_id = random_str(arena, seed);
		break;
	case BOX_ACK:
		msg->ack.nack = random_int(seed);
		msg->ack.time = random_int(seed);
		msg->ack.id = random_id(arena, seed);
		break;
	default:
		random_sms(arena, seed, &msg->sms);
	}
}

static inline void same_str(struct str a, struct str b, const char *field)
{
	ck_assert_msg(!a.ptr == !b.ptr && str_eq(a, b), "%s: \"%.*s\"%s, \"%.*s\"%s", field,
		      STR_ARG(a), a.ptr ? "" : " (NULL)", STR_ARG(b), b.ptr ? "" : " (NULL)");
}

static inline void same_int(int32_t a, int32_t b, const char *field)
{
	ck_assert_msg(a == b, "%s: %d, %d", field, a, b);
}

static inline void same_msg(const struct box_msg *a, const struct box_msg *b)
{
	ck_assert_int_eq(a->type, b->type);
	switch (a->type) {
	case BOX_HEARTBEAT:
		same_int(a->heartbeat.load, b->heartbeat.load, "load");
		break;
	case BOX_ADMIN:
		same_int(a->admin.command, b->admin.command, "command");
		same_str(a->admin.boxc_id, b->admin.boxc_id, "boxc_id");
		break;
	case BOX_ACK:
		same_int(a->ack.nack, b->ack.nack, "nack");
		same_int(a->ack.time, b->ack.time, "time");
		same_str(a->ack.id, b->ack.id, "id");
		break;
	case BOX_SMS:
#define BOX_S(name) same_str(a->sms.name, b->sms.name, #name);
#define BOX_U(name) same_str(a->sms.name, b->sms.name, #name);
#define BOX_I(name) same_int(a->sms.name, b->sms.name, #name);
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
		break;
	case BOX_WDP:
		break;
	}
}
