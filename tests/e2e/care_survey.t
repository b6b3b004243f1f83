#!/usr/bin/perl
# After business at a counter: the customer is asked how it was, a low score is asked about, a day later he is told how to do it
# on an e-channel; after a call to the hotline at once.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
# Of these nobody belongs to a control group.
my ($zh, $en, $other) = ('13800138000', '13800138009', '13800138003');

sub trigger {
	my ($name, $key, $who, $data) = @_;
	return $hall->sql(qq{SELECT outcome FROM hall_api.trigger('$name', '$key', '$who', '$data')});
}
# Whether each run of a reminder's is done, and all its messages made.
sub runs { my ($r) = @_; return scalar $hall->sql(qq{SELECT string_agg(step || state || rows, ' ' ORDER BY due, step) FROM hall.reminder_run WHERE reminder = '$r'}) // '' }
sub ran { my ($r, $want) = @_; return $hall->wait_until(60, sub { runs($r) eq $want && !$hall->sql('SELECT count(*) FROM hall.reminder_row') }) || diag("$r: " . runs($r)) && 0 }

my ($lz, $le) = map { $hall->ear($_) } $zh, $en;
is(trigger('counter_transaction', 'ZSL 1', $zh, '{"business": "payment", "hall": "ZSL", "clerk": "12345"}'), 'ok', 'a counter reports a payment');
is($lz->heard(30), '您刚在中山路营业厅办理了缴费，请为我们打分：回复1到10，10分最满意。免费', 'the customer is asked how it was');
like($hall->answer($zh, 'YE'), qr/余额/, 'he asks for something else first');
like($hall->answer($zh, '３分'), qr/^收到您的3分，抱歉没让您满意。请回复原因：1排队久/, 'then gives a low score, and is asked why');
like($hall->answer($zh, '等了一个小时'), qr/^感谢您告诉我们/, '… and tells it');
is($hall->sql(q{SELECT concat_ws(' ', msisdn, case_id, business, hall, clerk, score, reason) FROM bss.survey_answer WHERE case_id = 'ZSL 1'}),
	"$zh ZSL 1 payment ZSL 12345 3 等了一个小时", 'all is kept');
unlike($hall->answer($zh, '9'), qr/9分/, 'a second score belongs to nothing');
is(runs('reminders.steer_after_survey'), '1new0', 'how to do it on an e-channel is told later');
is($hall->sql(q{SELECT r.due - t.at FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE r.reminder = 'reminders.steer_after_survey'}), '1 day', '… a day later');
$hall->sql(q{UPDATE hall.reminder_run SET due = now() WHERE state = 'new'});
ok(ran('reminders.steer_after_survey', '1ran1'), 'a day later');
is(($hall->sql(qq{SELECT text || ' ' || e.control || ' ' || e.target FROM hall.mt m JOIN hall.exposure e USING (msisdn) WHERE msisdn = '$zh' AND wording = 'reminders.steer_after_survey' AND e.source = 'reminder'}))[0],
	'下次可用手机营业厅APP缴费，不用排队：10086.cn/app false app', '… it is made, and on record for attribution');
$lz->heard(30);

trigger('counter_transaction', 'ZSL 2', $en, '{"business": "card", "hall": "RMGC"}');
is($le->heard(30), q{You were in People's Square hall for a new SIM card. How was it? Reply 1 to 10; 10 is best. Free of charge.}, 'in English');
like($hall->answer($en, '10'), qr/^Thank you for your 10!/, 'a good score');
ok(ran('reminders.steer_after_survey', '1ran1 1new0'), 'a new SIM card');
$hall->sql(q{UPDATE hall.reminder_run SET due = now() WHERE state = 'new'});
ok(ran('reminders.steer_after_survey', '1ran1 1ran0'), '… is had on no e-channel, so nothing is told');
trigger('counter_transaction', 'ZSL 3', $en, '{"business": "open", "hall": "RMGC"}');
ok(ran('survey.after_counter', '1ran1 1ran1 1ran1'), 'again within 30 days');
is($hall->sql(qq{SELECT count(*) FROM hall.mt WHERE msisdn = '$en' AND wording = 'survey.after_counter'}), 1, '… he is not asked');
like($hall->answer($en, 'PJ'), qr/^You were in People's Square hall for a new number/, '… but may say so himself');
like($hall->answer($en, '8'), qr/^Thank you for your 8!/, '… and does');
trigger('counter_transaction', 'ZSL 4', $other, '{"business": "bill", "hall": "ZSL"}');
ok(ran('survey.after_counter', '1ran1 1ran1 1ran1 1ran0'), 'other business is not asked about');

my $lo = $hall->ear('13800138007');
trigger('hotline_transaction', 'call 1', '13800138007', '{"business": "usage", "channel": "sms"}');
is($lo->heard(30), '下次可用短信营业厅查流量，随时可办，不用等人工：10086', 'after a call to the hotline');
is(trigger('hotline_transaction', 'call 2', '13800138007', '{"business": "bill", "channel": "web"}'), 'ok', '… and another');
like($lo->heard(30), qr/^下次可用网上营业厅查账单/, '… about another channel');

# Staff.
like($hall->answer('13800138007', 'YYTPM'), qr/满意度：1\.中山路营业厅8\.\d分\(31份\)；2\.人民广场营业厅/, 'staff see the ranking, with those scores');
like($hall->answer($zh, 'YYTPM'), qr/不能办理/, 'customers do not');
is($hall->sql(q{SELECT max(segments) FROM hall.mt WHERE cause = 'reminder'}), 1, 'each message is one segment');
done_testing;
