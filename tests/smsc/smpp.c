/* smpp - see smpp.h. */
#include "smpp.h"

#include <assert.h>

enum { TLV_RECEIPTED = 0x001e, TLV_PAYLOAD = 0x0424, TLV_STATE = 0x0427 };

static uint32_t get32(const char *p)
{
	const uint8_t *o = (const uint8_t *)p;

	return (uint32_t)o[0] << 24 | o[1] << 16 | o[2] << 8 | o[3];
}

static unsigned get16(const char *p)
{
	const uint8_t *o = (const uint8_t *)p;

	return o[0] << 8 | o[1];
}

static char *put32(char *p, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = value >> shift;
	return p;
}

int smpp_frame(struct str bytes, struct smpp_head *head_r, struct str *body_r, struct err *err)
{
	if (bytes.len < SMPP_HEAD)
		return 0;
	uint32_t len = get32(bytes.ptr);
	if (len < SMPP_HEAD || len > SMPP_PDU_MAX)
		return err_set(err, ERR_PERM, "an SMPP unit of %u octets: not SMPP?", len);
	if (bytes.len < len)
		return 0;
	*head_r = (struct smpp_head){ get32(bytes.ptr + 4), get32(bytes.ptr + 8),
				      get32(bytes.ptr + 12) };
	*body_r = str_n(bytes.ptr + SMPP_HEAD, len - SMPP_HEAD);
	return len;
}

/* Takes fields off the front; after the first that is missing, all are empty and bad stays. */
struct reader {
	struct str rest;
	bool bad;
};

static unsigned take8(struct reader *r)
{
	if (r->bad || !r->rest.len) {
		r->bad = true;
		return 0;
	}
	unsigned value = (uint8_t)*r->rest.ptr;
	str_skip(&r->rest, 1);
	return value;
}

static struct str take(struct reader *r, size_t n)
{
	if (r->bad || n > r->rest.len) {
		r->bad = true;
		return str_n("", 0);
	}
	struct str s = str_n(r->rest.ptr, n);
	str_skip(&r->rest, n);
	return s;
}

static struct str take_z(struct reader *r)
{
	const char *end = r->bad ? NULL : memchr(r->rest.ptr, 0, r->rest.len);

	if (!end) {
		r->bad = true;
		return str_n("", 0);
	}
	struct str s = take(r, end - r->rest.ptr);
	str_skip(&r->rest, 1);
	return s;
}

static struct smpp_addr take_addr(struct reader *r)
{
	struct smpp_addr addr = { .ton = take8(r) };

	addr.npi = take8(r);
	addr.digits = take_z(r);
	if (addr.digits.len > SMPP_ADDR_MAX)
		r->bad = true;
	return addr;
}

static void take_tlv(struct reader *r, struct smpp_sm *sm)
{
	struct str head = take(r, 4);

	if (r->bad)
		return;
	struct str value = take(r, get16(head.ptr + 2));
	if (r->bad)
		return;
	switch (get16(head.ptr)) {
	case TLV_PAYLOAD:
		if (!sm->payload.len)
			sm->payload = value;
		break;
	case TLV_RECEIPTED:
		sm->receipted = value;
		break;
	case TLV_STATE:
		sm->state = value.len == 1 ? (uint8_t)*value.ptr : 0;
		break;
	}
}

int smpp_sm_unpack(struct str body, struct smpp_sm *out_r, struct err *err)
{
	struct reader r = { body };
	struct smpp_sm sm = { 0 };

	take_z(&r);			/* service_type */
	sm.from = take_addr(&r);
	sm.to = take_addr(&r);
	sm.esm_class = take8(&r);
	take8(&r);			/* protocol_id */
	take8(&r);			/* priority_flag */
	take_z(&r);			/* schedule_delivery_time */
	take_z(&r);			/* validity_period */
	sm.registered = take8(&r);
	take8(&r);			/* replace_if_present_flag */
	sm.coding = take8(&r);
	take8(&r);			/* sm_default_msg_id */
	sm.payload = take(&r, take8(&r));
	while (!r.bad && r.rest.len)
		take_tlv(&r, &sm);
	if (r.bad)
		return err_set(err, ERR_INPUT,
			       "a short message whose fields do not fit its %zu octets", body.len);
	*out_r = sm;
	return 0;
}

int smpp_bind_unpack(struct str body, struct smpp_bind *out_r, struct err *err)
{
	struct reader r = { body };

	out_r->system_id = take_z(&r);
	out_r->password = take_z(&r);
	if (r.bad)
		return err_set(err, ERR_INPUT, "a bind without system_id or password");
	return 0;
}

void smpp_head_pack(struct buf *out, uint32_t command, uint32_t status, uint32_t seq,
		    size_t body_len)
{
	buf_room(out, SMPP_HEAD);
	char *p = out->ptr + out->len;

	p = put32(p, SMPP_HEAD + body_len);
	p = put32(p, command);
	p = put32(p, status);
	put32(p, seq);
	out->len += SMPP_HEAD;
}

static void add_addr(struct buf *out, const struct smpp_addr *addr)
{
	buf_char(out, addr->ton);
	buf_char(out, addr->npi);
	buf_str(out, addr->digits);
	buf_char(out, 0);
}

static void add_tlv(struct buf *out, unsigned tag, const char *value, size_t len)
{
	const char head[4] = { tag >> 8, tag, len >> 8, len };

	buf_add(out, head, 4);
	buf_add(out, value, len);
}

void smpp_sm_pack(struct buf *out, const struct smpp_sm *sm)
{
	assert(sm->payload.len <= SMPP_SHORT_MAX);
	buf_char(out, 0);
	add_addr(out, &sm->from);
	add_addr(out, &sm->to);
	const char fixed[10] = { sm->esm_class, 0, 0, 0, 0, sm->registered, 0, sm->coding, 0,
				 sm->payload.len };
	buf_add(out, fixed, sizeof(fixed));
	buf_str(out, sm->payload);
	if (sm->receipted.ptr) {
		/* the id is a C string (5.3.2.12): its NUL counts */
		char id[66] = "";

		assert(sm->receipted.len < sizeof(id));
		memcpy(id, sm->receipted.ptr, sm->receipted.len);
		add_tlv(out, TLV_RECEIPTED, id, sm->receipted.len + 1);
	}
	if (sm->state)
		add_tlv(out, TLV_STATE, (const char *)&sm->state, 1);
}

void smpp_resp_pack(struct buf *out, uint32_t command, uint32_t status, uint32_t seq,
		    const char *string)
{
	size_t len = string ? strlen(string) + 1 : 0;

	smpp_head_pack(out, command, status, seq, len);
	buf_add(out, string, len);
}

struct smpp_addr smpp_addr(struct str number)
{
	if (str_starts(number, STR("+"))) {
		str_skip(&number, 1);
		return (struct smpp_addr){ SMPP_TON_INTERNATIONAL, 1, number };
	}
	if (str_digits(number))
		return (struct smpp_addr){ SMPP_TON_NATIONAL, 1, number };
	return (struct smpp_addr){ SMPP_TON_ALNUM, 0, number };
}

void smpp_addr_text(const struct smpp_addr *addr, char out[SMPP_ADDR_MAX + 2])
{
	size_t n = addr->digits.len < SMPP_ADDR_MAX ? addr->digits.len : SMPP_ADDR_MAX;

	if (addr->ton == SMPP_TON_INTERNATIONAL)
		*out++ = '+';
	memcpy(out, addr->digits.ptr, n);
	out[n] = '\0';
}
