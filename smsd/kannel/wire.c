/* wire - see wire.h.  Integers are big endian; a NULL string has the length -1. */
#include "kannel/wire.h"

#include <assert.h>
#include <endian.h>

enum { WIRE_ID = 36 };	/* characters of a UUID */

void wire_sms_init(struct box_sms *sms)
{
#define BOX_S(name) sms->name = (struct str){ 0 };
#define BOX_U(name) sms->name = (struct str){ 0 };
#define BOX_I(name) sms->name = BOX_UNDEFINED;
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
}

static size_t room(struct str s)
{
	return 4 + (s.ptr ? s.len : 0);
}

static char *put_int(char *p, int32_t value)
{
	uint32_t octets = htobe32((uint32_t)value);

	memcpy(p, &octets, 4);
	return p + 4;
}

static char *put_str(char *p, struct str s)
{
	if (!s.ptr)
		return put_int(p, -1);
	p = put_int(p, (int32_t)s.len);
	memcpy(p, s.ptr, s.len);
	return p + s.len;
}

static size_t sms_room(const struct box_sms *sms)
{
	size_t size = 0;

#define BOX_S(name) size += room(sms->name);
#define BOX_U(name) size += room(sms->name);
#define BOX_I(name) size += 4;
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
	return size;
}

static char *put_sms(char *p, const struct box_sms *sms)
{
#define BOX_S(name) p = put_str(p, sms->name);
#define BOX_U(name) p = put_str(p, sms->name);
#define BOX_I(name) p = put_int(p, sms->name);
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
	return p;
}

/* What would kill bearerbox, and with a spool at each of its restarts too.
 * Only what a bearerbox sends by itself may lack them. */
static void check_sms(const struct box_sms *sms)
{
	bool from_bearerbox = sms->sms_type == BOX_MO || sms->sms_type == BOX_REPORT_MO;

	assert(from_bearerbox || sms->sender.ptr);
	assert(from_bearerbox || sms->msgdata.ptr);
	assert(sms->id.ptr && sms->id.len == WIRE_ID);
}

static size_t body_room(const struct box_msg *msg)
{
	switch (msg->type) {
	case BOX_HEARTBEAT:
		return 4 + 4;
	case BOX_ADMIN:
		return 4 + 4 + room(msg->admin.boxc_id);
	case BOX_SMS:
		check_sms(&msg->sms);
		return 4 + sms_room(&msg->sms);
	case BOX_ACK:
		assert(msg->ack.id.ptr && msg->ack.id.len == WIRE_ID);
		return 4 + 4 + 4 + room(msg->ack.id);
	case BOX_WDP:
		break;
	}
	assert(!"a type that is packed");
	return 0;
}

void wire_pack(struct buf *out, const struct box_msg *msg)
{
	size_t size = body_room(msg);

	buf_room(out, 4 + size);
	char *p = out->ptr + out->len;

	p = put_int(p, (int32_t)size);
	p = put_int(p, msg->type);
	switch (msg->type) {
	case BOX_HEARTBEAT:
		put_int(p, msg->heartbeat.load);
		break;
	case BOX_ADMIN:
		p = put_int(p, msg->admin.command);
		put_str(p, msg->admin.boxc_id);
		break;
	case BOX_SMS:
		put_sms(p, &msg->sms);
		break;
	case BOX_ACK:
		p = put_int(p, msg->ack.nack);
		p = put_int(p, msg->ack.time);
		put_str(p, msg->ack.id);
		break;
	case BOX_WDP:
		break;
	}
	out->len += 4 + size;
}

static int32_t get_int(const char *p)
{
	uint32_t octets;

	memcpy(&octets, p, 4);
	return (int32_t)be32toh(octets);
}

int wire_frame(struct str bytes, struct str *body_r, struct err *err)
{
	if (bytes.len < 4)
		return 0;
	uint32_t size = (uint32_t)get_int(bytes.ptr);
	if (size < 4 || size > WIRE_FRAME_MAX)
		return err_set(err, ERR_PERM, "a frame of %u octets, possible are 4 to %d: is "
			       "the port really bearerbox's smsbox-port?", size, WIRE_FRAME_MAX);
	if (bytes.len - 4 < size)
		return 0;
	*body_r = str_n(bytes.ptr + 4, size);
	return (int)(4 + size);
}

/* Reads on after a mistake, giving zeros: the first one is kept and told at the end. */
struct reader {
	const char *p, *end;
	const char *field;	/* where the first mistake was, or NULL */
	bool has_length;	/* it is not that the frame was too short, but: */
	int32_t length;
};

static void refuse_length(struct reader *r, const char *field, int32_t length)
{
	r->field = field;
	r->has_length = true;
	r->length = length;
	r->p = r->end;
}

static int32_t take_int(struct reader *r, const char *field)
{
	if (r->end - r->p < 4) {
		if (!r->field)
			r->field = field;
		r->p = r->end;
		return 0;
	}
	r->p += 4;
	return get_int(r->p - 4);
}

static struct str take_str(struct reader *r, const char *field)
{
	int32_t len = take_int(r, field);
	struct str s = { .ptr = r->p };

	if (r->field || len == -1)
		return (struct str){ 0 };
	if (len < 0 || len > r->end - r->p) {
		refuse_length(r, field, len);
		return (struct str){ 0 };
	}
	s.len = (size_t)len;
	r->p += len;
	return s;
}

static struct str take_id(struct reader *r, const char *field)
{
	struct str s = take_str(r, field);

	if (!r->field && s.len != WIRE_ID)
		refuse_length(r, field, s.ptr ? (int32_t)s.len : -1);
	return s;
}

static void take_sms(struct reader *r, struct box_sms *sms)
{
#define BOX_S(name) sms->name = take_str(r, #name);
#define BOX_U(name) sms->name = take_id(r, #name);
#define BOX_I(name) sms->name = take_int(r, #name);
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
}

static int finish(const struct reader *r, int32_t type, struct err *err)
{
	static const char *const name[] = { "heartbeat", "admin", "sms", "ack" };

	if (r->has_length)
		return err_set(err, ERR_INPUT, "%s.%s: a length of %d is impossible there",
			       name[type], r->field, r->length);
	if (r->field)
		return err_set(err, ERR_INPUT, "%s.%s: the frame ends before it",
			       name[type], r->field);
	if (r->p != r->end)
		return err_set(err, ERR_INPUT, "%s: %zu octets left over: only Kannel 1.4's "
			       "fields are known", name[type], (size_t)(r->end - r->p));
	return 0;
}

int wire_unpack(struct str body, struct box_msg *out_r, struct err *err)
{
	if (body.len < 4)
		return err_set(err, ERR_INPUT, "a frame of %zu octets has no type", body.len);
	struct reader r = { .p = body.ptr + 4, .end = body.ptr + body.len };
	int32_t type = get_int(body.ptr);

	switch (type) {
	case BOX_HEARTBEAT:
		out_r->heartbeat.load = take_int(&r, "load");
		break;
	case BOX_ADMIN:
		out_r->admin.command = take_int(&r, "command");
		out_r->admin.boxc_id = take_str(&r, "boxc_id");
		break;
	case BOX_SMS:
		take_sms(&r, &out_r->sms);
		break;
	case BOX_ACK:
		out_r->ack.nack = take_int(&r, "nack");
		out_r->ack.time = take_int(&r, "time");
		out_r->ack.id = take_id(&r, "id");
		break;
	case BOX_WDP:
		out_r->type = BOX_WDP;
		return 0;
	default:
		return err_set(err, ERR_INPUT, "a message of the unknown type %d", type);
	}
	out_r->type = (enum box_type)type;
	return finish(&r, type, err);
}
