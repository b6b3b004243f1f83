/* respond - see respond.h. */
#include "respond.h"

#include <time.h>

#include "base/uuid.h"

void respond_ack(struct box *box, const struct box_sms *mo)
{
	struct box_msg ack = {
		.type = BOX_ACK,
		.ack = { .nack = BOX_ACK_SUCCESS, .time = mo->time, .id = mo->id },
	};

	box_send(box, &ack);
}

void respond_send(struct box *box, const struct box_sms *mo, const struct response *response)
{
	struct box_msg mt = { .type = BOX_SMS };
	struct box_sms *sms = &mt.sms;
	struct uuid parent, id;
	char text[UUID_TEXT + 1];

	if (uuid_parse(mo->id, &parent, NULL) < 0)
		parent = uuid_v7();
	id = uuid_derive(&parent, 1);
	uuid_format(&id, text);
	wire_sms_init(sms);
	sms->sender = mo->receiver.ptr ? mo->receiver : STR("");
	sms->receiver = mo->sender;
	sms->msgdata = response->text;
	sms->udhdata = response->udh;
	sms->coding = response->coding;
	sms->id = str_n(text, UUID_TEXT);
	sms->sms_type = BOX_MT_REPLY;
	sms->time = time(NULL);
	sms->smsc_id = mo->smsc_id;
	sms->boxc_id = str_z(response->boxc_id);
	if (response->dlr_mask) {
		sms->dlr_mask = response->dlr_mask;
		sms->dlr_url = sms->id;
	}
	box_send(box, &mt);
}
