/* queue - deliveries in the order in which they are due (a singly linked list), and their memory.
 * Only for center.c; nothing here can fail. */
#pragma once
#include <stdint.h>

#include "base/mem.h"

enum { DELIVERY_MAX = 448 };	/* octets of a deliver_sm without its head, receipt TLVs included */

struct delivery {
	struct delivery *next;
	void *owner;		/* told of the answer; NULL: nobody */
	uint64_t due;		/* loop time in ms: when to try, or to give up waiting */
	uint32_t number;	/* counts up; brings back the order after a link was lost */
	bool receipt, again;
	uint16_t len;
	char body[DELIVERY_MAX];
};

struct queue {
	struct delivery *first, **last;
	size_t count;
};

static inline void queue_init(struct queue *q)
{
	*q = (struct queue){ .last = &q->first };
}

static inline void queue_push(struct queue *q, struct delivery *d)
{
	d->next = NULL;
	*q->last = d;
	q->last = &d->next;
	q->count++;
}

static inline void queue_unshift(struct queue *q, struct delivery *d)
{
	d->next = q->first;
	if (!q->first)
		q->last = &d->next;
	q->first = d;
	q->count++;
}

static inline struct delivery *queue_pop(struct queue *q)
{
	struct delivery *d = q->first;

	if (!d)
		return NULL;
	q->first = d->next;
	if (!q->first)
		q->last = &q->first;
	q->count--;
	return d;
}
