/* wire_kannel - see wire_kannel.h.  Frames pass a socket pair, so that the length before
 * them is Kannel's as well. */
#include "wire_kannel.h"

#include <sys/socket.h>
#include <unistd.h>

#include "gw/msg.h"

static Connection *conn;
static int other;

void wire_kannel_begin(void)
{
	int fd[2];

	gwlib_init();
	log_set_output_level(GW_PANIC);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		panic(0, "no socket pair");
	conn = conn_wrap_fd(fd[0], 0);
	other = fd[1];
}

void wire_kannel_end(void)
{
	conn_destroy(conn);
	close(other);
	gwlib_shutdown();
}

static Octstr *to_octstr(struct str s)
{
	return s.ptr ? octstr_create_from_data(s.ptr, (long)s.len) : NULL;
}

static struct str from_octstr(struct arena *arena, Octstr *os)
{
	if (!os)
		return (struct str){ 0 };
	return arena_str(arena, str_n(octstr_get_cstr(os), (size_t)octstr_len(os)));
}

/* By hand, because the linker might take base/uuid's uuid_parse() for Kannel's. */
static void to_uuid(struct str text, unsigned char *octet)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.len; i++) {
		int c = text.ptr[i], digit = c <= '9' ? c - '0' : c - 'a' + 10;

		if (c == '-')
			continue;
		octet[n / 2] = (unsigned char)(octet[n / 2] << 4 | digit);
		n++;
	}
}

static struct str from_uuid(struct arena *arena, const unsigned char *octet)
{
	char text[36], *p = text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = "0123456789abcdef"[octet[i] >> 4];
		*p++ = "0123456789abcdef"[octet[i] & 15];
	}
	return arena_str(arena, str_n(text, sizeof(text)));
}

static void to_sms(const struct box_sms *from, Msg *to)
{
#define BOX_S(name) to->sms.name = to_octstr(from->name);
#define BOX_U(name) to_uuid(from->name, to->sms.name);
#define BOX_I(name) to->sms.name = from->name;
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
}

static void from_sms(struct arena *arena, Msg *from, struct box_sms *to)
{
#define BOX_S(name) to->name = from_octstr(arena, from->sms.name);
#define BOX_U(name) to->name = from_uuid(arena, from->sms.name);
#define BOX_I(name) to->name = (int32_t)from->sms.name;
#include "kannel/wire_fields.h"
#undef BOX_S
#undef BOX_U
#undef BOX_I
}

static Msg *to_msg(const struct box_msg *from)
{
	Msg *to = NULL;

	switch (from->type) {
	case BOX_HEARTBEAT:
		to = msg_create(heartbeat);
		to->heartbeat.load = from->heartbeat.load;
		break;
	case BOX_ADMIN:
		to = msg_create(admin);
		to->admin.command = from->admin.command;
		to->admin.boxc_id = to_octstr(from->admin.boxc_id);
		break;
	case BOX_SMS:
		to = msg_create(sms);
		to_sms(&from->sms, to);
		break;
	case BOX_ACK:
		to = msg_create(ack);
		to->ack.nack = from->ack.nack;
		to->ack.time = from->ack.time;
		to_uuid(from->ack.id, to->ack.id);
		break;
	case BOX_WDP:
		to = msg_create(wdp_datagram);
		to->wdp_datagram.source_address = octstr_create("127.0.0.1");
		to->wdp_datagram.destination_port = 9200;
		break;
	}
	return to;
}

static void from_msg(struct arena *arena, Msg *from, struct box_msg *to)
{
	switch (msg_type(from)) {
	case heartbeat:
		to->type = BOX_HEARTBEAT;
		to->heartbeat.load = (int32_t)from->heartbeat.load;
		break;
	case admin:
		to->type = BOX_ADMIN;
		to->admin.command = (int32_t)from->admin.command;
		to->admin.boxc_id = from_octstr(arena, from->admin.boxc_id);
		break;
	case sms:
		to->type = BOX_SMS;
		from_sms(arena, from, &to->sms);
		break;
	case ack:
		to->type = BOX_ACK;
		to->ack.nack = (int32_t)from->ack.nack;
		to->ack.time = (int32_t)from->ack.time;
		to->ack.id = from_uuid(arena, from->ack.id);
		break;
	default:
		to->type = BOX_WDP;
	}
}

void wire_kannel_pack(const struct box_msg *msg, struct buf *out)
{
	Msg *kannel = to_msg(msg);
	Octstr *packed = msg_pack(kannel);
	size_t size = 4 + (size_t)octstr_len(packed);

	if (conn_write_withlen(conn, packed) != 0)
		panic(0, "Kannel did not write");
	buf_room(out, size);
	if (recv(other, out->ptr + out->len, size, MSG_WAITALL) != (ssize_t)size)
		panic(0, "Kannel wrote less than the frame");
	out->len += size;
	octstr_destroy(packed);
	msg_destroy(kannel);
}

int wire_kannel_unpack(struct str frame, struct arena *arena, struct box_msg *msg_r)
{
	Octstr *packed;

	if (send(other, frame.ptr, frame.len, 0) != (ssize_t)frame.len)
		panic(0, "a frame too long for the socket pair");
	while (!(packed = conn_read_withlen(conn)))
		if (conn_wait(conn, 5.0) != 0)
			return -1;
	Msg *kannel = msg_unpack(packed);
	octstr_destroy(packed);
	if (!kannel)
		return -1;
	from_msg(arena, kannel, msg_r);
	msg_destroy(kannel);
	return 0;
}
