/* held - see held.h. */
#include "held.h"

#include "base/mem.h"

void held_init(struct held_list *list)
{
	*list = (struct held_list){ .last = &list->first };
}

void held_push(struct held_list *list, const struct held *held)
{
	struct held *copy = mem_alloc(sizeof(*copy));

	*copy = *held;
	copy->next = NULL;
	*list->last = copy;
	list->last = &copy->next;
}

struct held *held_pop(struct held_list *list, uint64_t now)
{
	struct held *held = list->first;

	if (!held || held->due > now)
		return NULL;
	list->first = held->next;
	if (!list->first)
		list->last = &list->first;
	return held;
}
