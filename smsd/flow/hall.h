/* hall - what the parts of flow/ share: the gateways, the lanes (a database
 * connection with its queue and its batch), the tables in force.
 *
 *   inbox    box events → struct text → a lane's queue
 *   batch    a lane's queue → one transaction → acknowledgements and outbox
 *   outbox   committed MTs → gateways, until they are accepted; the marks
 *   control  the connection that listens: table versions, parked texts, partitions, dead instances
 * One thread, one loop; hall_pump() runs before and after each wait. */
#pragma once
#include <uv.h>

#include "base/conf.h"
#include "base/map.h"
#include "base/seal.h"
#include "base/uuid.h"
#include "db/array.h"
#include "flow/rate.h"
#include "flow/talk.h"
#include "kannel/box.h"
#include "text/msisdn.h"

enum {
	OPEN_MAX = 20000,	/* MTs sent and not accepted; beyond it lanes start no batch */
	OLDER_MAX = 4,
};

struct hall;

/* What is answered first when more comes than can be answered. */
enum text_class {
	TEXT_CHANGE,		/* money, charges, changes; what is not yet looked at */
	TEXT_QUERY,
	TEXT_SMALL_TALK,	/* no command knows it */
	TEXT_CLASSES
};

struct text_queue {
	struct text *first, **last;
};

/* A text under way, from its arrival to its acknowledgement. */
struct text {
	struct text *next;
	struct gateway *gateway;	/* NULL: not from a gateway (a parked text runs again) */
	struct uuid id;
	int64_t at_us;			/* the gateway's time */
	struct msisdn msisdn;
	struct str sender;		/* as the gateway gave it: the answer's receiver */
	struct str port, link;
	struct str raw;			/* UTF-8; of a raw part: its octets */
	uint64_t arrived_ns;		/* loop time */
	enum text_class class;
	bool alone;			/* failed in a batch: runs by itself */
	bool failed;			/* failed by itself: gets the apology */
	unsigned part_ref, part_total, part_n;	/* part_total 0: a whole text */
	int coding;			/* of a raw part */
	bool retry;			/* a parked text */
	struct uuid parked_id;
	struct proof *proof;		/* of a secret in it; NULL: none was worked out */
	char sqlstate[6];
	char error[400];
};

/* A text that took effect, within its window (hall.repeat). */
struct remembered {
	struct str port, key, command, answer;
	int64_t at_us, until_us;
};

/* What one run of a batch finds out about a text; anew with each run. */
struct text_run {
	bool seen;			/* was handled before */
	bool incomplete;		/* parts are missing */
	PGresult *parts;		/* the others */
	struct remembered *remembered;	/* what the sender did lately */
	unsigned nremembered;
	unsigned char key[SEAL_HASH];	/* of the folded text, where its command has a repeat_window */
	struct str repeated;		/* the first answer, which this text gets again; ptr NULL: it runs */
	struct str whole;		/* raw, or the joined parts */
	struct str folded;
	enum lang lang;
	struct str brand, province;
	struct str list[8];		/* number lists that the sender is on */
	unsigned nlists;
	bool blocked, tester;
	struct dialogue *dialogue;	/* open questions, the newest first */
	unsigned ndialogues;
	struct match_context context;
	struct talk_input in;
	struct talk talk;
	bool asked;			/* a statement of this round is for it */
	bool deferred;			/* its secret is to be proved first: not in this batch */
	PGresult *result;
	struct tip_count *tip_counts;
	bool own_reply;			/* an answer goes out */
};

struct gateway {
	struct hall *hall;
	struct box_conf conf;
	char bulk_name[64];
	bool replies, unasked;		/* what it carries; a bulk connection no replies, and the one beside it nothing else */
	struct box *box;
	struct mt *waiting, **waiting_last;	/* to be sent when the link allows */
	struct mt *sent_first, *sent_last;	/* sent, not yet accepted: doubly linked, oldest first */
	bool suspended;
	bool closing;			/* bearerbox ends: our acknowledgements first */
	uint64_t close_by_ms;
	uint64_t pause_until_ms;	/* it said "later" */
	unsigned in_flight;		/* texts of this link not yet acknowledged */
	bool dirty;			/* something to flush */
};

/* All MTs of one batch: accepted together or not. */
struct mark {
	struct mark *next;
	int64_t batch;
	unsigned open;
};

/* A committed MT that no gateway has accepted yet. */
struct mt {
	struct mt *next, *prev;
	struct uuid id;
	struct lane *lane;
	struct mark *mark;
	struct gateway *gateway;
	int64_t at_us;
	struct msisdn msisdn;
	struct str receiver, port, link, text;
	unsigned segments;
	unsigned again;			/* which sending this is, after failures; 0: the first */
	bool report, sent;
	bool unasked;			/* no customer asked for it */
};

/* A delivery state or a rejection to be written with the next batch. */
struct state_change {
	struct state_change *next;
	struct msisdn msisdn;
	int64_t at_us;
	struct uuid id;
	unsigned again;			/* which sending failed */
	const char *state;
	char why[120];
	struct gateway *gateway;	/* whose report is acknowledged after COMMIT; NULL: none */
	struct uuid report_id;
};

enum lane_state {
	LANE_DOWN,		/* no connection */
	LANE_RECOVERING,	/* asks what it had sent before */
	LANE_IDLE,
	LANE_PAUSED,		/* after the server's trouble; timer */
	LANE_LOOKING,		/* batch: senders, locks */
	LANE_RUNNING,		/* batch: commands */
	LANE_COMMITTING,	/* batch: our rows, COMMIT */
	LANE_ROLLING_BACK,
	LANE_MARKING,		/* a mark or states without a batch */
	LANE_ASKING,		/* the door: is anything due? */
	LANE_TAKING,		/* the door: what is due, moved to us and committed */
	LANE_DRAWING,		/* the door: recipients of a blast, and its texts */
};

struct lane {
	struct hall *hall;
	unsigned index;
	char label[24];
	struct db *db;
	enum lane_state state;
	struct text_queue queue[TEXT_CLASSES];
	unsigned queued;
	struct map *waiting;		/* sender → his last text in the queues */
	struct map *proving;		/* sender → his text whose secret is being proved: his others wait */
	uv_timer_t pause;

	int64_t batch;			/* the number of the current or last one */
	int64_t newest;			/* the highest number given: to a batch, or to what was adopted */
	int64_t accepted, accepted_told;	/* the mark: as it is, as the database knows it */
	struct mark *mark_first, *mark_newest;	/* newest: valid while first is */
	struct mark *held;		/* of the batch under way */
	struct state_change *states, **states_last;
	unsigned nstates;
	uint64_t mark_due_ms;		/* when an idle lane writes its mark; 0: nothing to write */

	/* The door's lane, which has no texts: it sends what no customer asked for. */
	bool door;
	uint64_t look_ms;		/* when to look again */
	unsigned wanted;		/* asked for in this round */
	PGresult *taken;
	bool due_now, blast_due;
	bool blast_turn;		/* the last round left room for it */
	bool drawing;			/* this round is a blast's */
	struct blast *blast;

	/* The batch under way: */
	struct text **text;
	struct text_run *run;
	unsigned n;
	struct arena *arena;
	struct map *senders;
	unsigned *recent, nrecent;	/* positions that this round asks about */
	unsigned *order, norder;	/* positions whose commands this round runs, in their order */
	bool many_failed;		/* what ran for several texts at once: any of them may be to blame */
	uint64_t one_by_one_ms;		/* until then each command is a statement by itself */
	struct tables *tables;
	struct vocabulary *vocabulary;
	unsigned due;			/* results not yet there */
	int failed_text;		/* position; -1: none */
	enum db_blame trouble;		/* of the batch as a whole */
	char sqlstate[6], error[400];
	unsigned tries;
	bool asked_seen;		/* of this batch: which texts were handled before */
	uint64_t ask_seen_until_ms;	/* until then each batch asks */
	bool committed;
	bool in_doubt;			/* a COMMIT's answer was lost: neither split nor thinned out until that is known */
	int64_t recovered_batch;	/* up to this one all that was perhaps not sent was loaded when we came up */
	bool recovered;			/* what an earlier life had not sent was looked up */
	bool reborn;			/* it was once, in this life */
	struct state_change *batch_states;
	PGresult *again;		/* answers to texts that were handled before, perhaps never sent */
	int64_t accepted_telling;
	uint64_t began_ns;
	char now_text[40];
	int64_t now_us;
	struct array array[PARAMS_MAX];
};

struct hall {
	uv_loop_t *loop;
	const struct conf *conf;
	struct seal seal;
	struct tables *tables;
	struct tables *older[OLDER_MAX];	/* were in force: their questions may be open; the newest first */
	struct vocabulary *vocabulary;
	struct nearest_words *words;	/* of the vocabulary */
	unsigned ngateways;
	struct gateway gateway[2 * CONF_GATEWAYS_MAX];	/* and their bulk connections */
	unsigned nlanes;		/* the last one is the door's */
	struct lane lane[17];
	struct map *open;		/* MT id → struct mt */
	struct mt *again, *again_asked;	/* to be counted, and being counted, before they are sent again */
	struct control *control;
	struct remind *remind;
	struct rate *rate;		/* of what no customer asked for */
	uv_prepare_t prepare;
	uv_check_t check;
	uv_timer_t tick;		/* wakes the loop for what becomes due */
	uv_timer_t rest;
	bool resting;			/* the gateways' sockets are not polled */
	bool instance_ours;		/* the advisory lock is held */
	bool older_loaded;		/* tables whose questions are open are at hand */
	bool started;			/* the gateways were called */
	bool draining, drained, ending;
	uint64_t drain_deadline_ms;
	unsigned in_flight;
	int64_t boot_s;
};

/* hall.c */
MUST_CHECK int hall_new(uv_loop_t *loop, const struct conf *conf, struct hall **hall_r, struct err *err);
void hall_free(struct hall **hall);
void hall_drain(struct hall *hall);		/* finish what is under way, then stop the loop */
void hall_wake(struct hall *hall, unsigned ms);	/* pump again in that time at the latest */
bool hall_ready(struct hall *hall, char *detail_r, size_t size);
void hall_pump(struct hall *hall);
struct lane *hall_lane(struct hall *hall, struct str msisdn);
int64_t hall_clock_us(void);			/* Unix time */
const struct tables *hall_tables_of(const struct hall *hall, int version);	/* NULL: not at hand */
void hall_take_tables(struct hall *hall, struct tables *tables);	/* they are in force now */
void hall_keep_tables(struct hall *hall, struct tables *tables);	/* they were in force once */

/* inbox.c */
box_fn inbox_event;
struct text *text_new(struct str sender, struct str port, struct str link, struct str raw);
void text_free(struct text *text);
void inbox_put(struct hall *hall, struct text *text);
/* Tells the gateway that the text is done with, and frees it. */
void inbox_done(struct hall *hall, struct text *text);

/* queue.c: a lane's texts that wait for a batch */
void queue_init(struct lane *lane);
void queue_free(struct lane *lane);
void queue_put(struct lane *lane, struct text *text);
void queue_front(struct lane *lane, struct text *text);	/* again, before all others */
void queue_choose(struct lane *lane);		/* fills lane->text */

/* batch.c */
void batch_step(struct lane *lane);		/* whatever can be done now */
db_fn batch_event;

/* door.c: the lane for messages that no customer asked for */
bool door_start(struct lane *lane);		/* asks whether anything is due; false: not yet */
void door_asked(struct lane *lane);		/* takes it, or waits */
void door_committed(struct lane *lane);		/* what was taken goes out */
void door_undone(struct lane *lane);		/* nothing was taken, or nobody knows */

/* remind.c: triggers that other channels reported become messages behind the door */
struct remind;
struct remind *remind_new(struct hall *hall);
void remind_step(struct remind *remind);
void remind_free(struct remind **remind);

/* batch_rows.c: the hall's own rows of a batch */
void rows_send(struct lane *lane);
void rows_query(struct lane *lane, enum query q, const struct db_params *params);	/* a row of ours more */
void rows_send_mark(struct lane *lane);		/* the mark and the states alone */
void rows_told(struct lane *lane);		/* they were committed */
void rows_untold(struct lane *lane);		/* they were not: next time */
bool rows_wants_report(const struct lane *lane, unsigned i);

/* repeat.c: a text that is repeated within its command's window does nothing twice */
void repeat_take(struct lane *lane, const PGresult *res);	/* rows of repeats.sql */
void repeat_look(struct lane *lane, unsigned i);	/* sets run->repeated, of a text that was heard */
bool repeat_put(struct lane *lane, struct db_params *p);	/* what took effect; false: nothing did */
bool repeat_forget(struct lane *lane, struct db_params *p);	/* what was undone */

/* prove.c: passwords are held against their hashes in the pool, for that takes long on purpose.  Takes the text, and
 * gives it back to the front of the queue. */
void prove_start(struct lane *lane, struct text *text, const struct talk *talk);

/* outbox.c */
void outbox_add(struct lane *lane, struct mt *mt, int64_t batch);
struct mt *mt_new(struct str receiver, struct str port, struct str link, struct str text);
void outbox_ack(struct hall *hall, struct str id, int nack);
bool outbox_open(const struct hall *hall);	/* a gateway takes what no customer asked for */
void outbox_link_up(struct gateway *gateway);
void outbox_link_down(struct gateway *gateway);
void outbox_send(struct gateway *gateway);	/* what waits, as far as the link allows */
void outbox_again(struct mt *mt);		/* waits anew */
int64_t outbox_accepted(struct lane *lane);
void outbox_recover(struct lane *lane, const PGresult *res);	/* rows of mt_unsent or mt_of */
void outbox_adopt(struct lane *lane, const PGresult *res);	/* rows of adopt or mt_batch: a held batch */
struct mark *outbox_hold_mark(struct lane *lane, int64_t batch);	/* no mark passes that batch … */
void outbox_release_mark(struct lane *lane, struct mark **mark);	/* … until this, which leaves NULL behind */
void outbox_send_rows(struct lane *lane, const PGresult *res);	/* rows of door_take */
void states_add(struct lane *lane, struct state_change *change);
void outbox_report(struct gateway *gateway, const struct box_sms *sms);
void outbox_hold(struct lane *lane, int64_t now_us);	/* begins a batch: its number, and its mark held open */
void outbox_release(struct lane *lane);
void outbox_mark_due(struct lane *lane);
void outbox_free(struct hall *hall);

/* again.c: what no customer asked for and a lost link had not acknowledged */
void again_put(struct hall *hall, struct mt *mt);
void again_send(struct lane *lane);		/* in the transaction of a mark: counts it; the door's lane alone does anything */
void again_told(struct hall *hall);		/* committed: it goes again */
void again_untold(struct hall *hall);

/* control.c */
struct control *control_new(struct hall *hall);
void control_leave(struct control *control);	/* this instance is about to end */
bool control_left(const struct control *control);	/* the database knows, or never will */
void control_free(struct control **control);
