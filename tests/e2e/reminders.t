#!/usr/bin/perl
# Messages that nobody asked for: a trigger becomes a message once, the door lets it out when it may go, and its row says who
# got what, when and why; what may not go says why not; killing smsd loses and repeats nothing.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

my $hall = Hall->new(fast => 0);
ok($hall->ready, 'the hall is ready');
# The rules are tried in tests/sql/door.pg; here the day has no night.
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});

sub trigger {
	my ($key, $who, $data) = @_;
	return $hall->sql(qq{SELECT outcome FROM hall_api.trigger('counter_transaction', '$key', '$who', '$data')});
}

my ($a, $e) = ('13800138000', '13800138009');
my ($la, $le) = map { $hall->ear($_) } $a, $e;
is(trigger('c1', $a, '{"business": "bill"}'), 'ok', 'a counter reports a transaction');
is(trigger('c1', $a, '{"business": "bill"}'), 'known', '… again, under the same key');
like($la->heard(10), qr/^下次可用手机营业厅APP查账单，不用排队：/, 'the customer hears of the e-channel');
is($la->heard(2), '', '… once');
is($hall->sql("SELECT class || ' ' || cause || ' ' || state || ' ' || wording FROM hall.mt WHERE msisdn = '$a' AND cause = 'reminder'") =~ s/ (queued|accepted|delivered|buffered) / sent /r,
	'service reminder sent reminders.steer_after_counter', '… on record: class, cause, state, wording');
is(trigger('c2', $e, '{"business": "recharge", "channel": "web"}'), 'ok', 'another, in English');
like($le->heard(10), qr/^Next time recharge in our web hall/, '… is told in English');
trigger('c3', $a, '{"business": "plan"}');
is($la->heard(3), '', 'the same channel not twice in 30 days');
trigger('c4', $a, '{"business": "plan", "channel": "kiosk"}');
like($la->heard(10), qr/自助终端换套餐/, '… another one is another thing');

# Who does not want it.
my $out = '13800138003';
my $lo = $hall->ear($out);
like($hall->answer($out, 'TD'), qr/./, 'somebody opts out of everything');
$lo->heard(2);
trigger('c5', $out, '{"business": "bill"}');
is($lo->heard(3), '', '… and hears nothing');
is($hall->sql("SELECT state || ' ' || why FROM hall.mt WHERE msisdn = '$out' AND cause = 'reminder'"), 'refused opted_out', '… and the row says why');

# A trigger that makes no sense hurts nobody.
$hall->sql(q{INSERT INTO hall.trigger (id, name, key, msisdn, data, at, state)
	VALUES (gen_random_uuid(), 'counter_transaction', 'bad', '13800138004', '"no object"', now(), 'new')});
trigger('c6', '13800138004', '{"business": "bill"}');
my $l4 = $hall->ear('13800138004');
like($l4->heard(10) || $hall->sql("SELECT text FROM hall.mt WHERE msisdn = '13800138004' AND cause = 'reminder'"), qr/查账单/, 'one that makes no sense hurts no other');

# Killed in the middle of many.
$hall->sql(q{INSERT INTO hall.trigger (id, name, key, msisdn, data, at, state)
	SELECT gen_random_uuid(), 'counter_transaction', 'many' || g, '1390013' || lpad(g::text, 4, '0'), '{"business": "bill"}', now(), 'new'
	FROM generate_series(1, 120) AS g;
	INSERT INTO bss.subscriber (msisdn, brand, province, plan, plan_since)
	SELECT '1390013' || lpad(g::text, 4, '0'), 'gotone', 'js', (SELECT min(code) FROM bss.plan), '2026-01-01' FROM generate_series(1, 120) AS g
	ON CONFLICT DO NOTHING});
$hall->wait_until(10, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1390013%' AND state <> 'held'}) > 10 });
$hall->kill('smsd');
$hall->start('smsd');
ok($hall->ready, 'smsd was killed while it sent');
ok($hall->wait_until(30, sub { !$hall->sql('SELECT count(*) FROM hall.held') && !$hall->sql(q{SELECT count(*) FROM hall.trigger WHERE state = 'new'}) }),
	'all that was due has gone');
is($hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.mt WHERE msisdn LIKE '1390013%' AND cause = 'reminder'}), '120 120', 'each has one message');
# What was on its way when smsd died may come twice, and nothing else.
sleep 1;
my $stats = $hall->line->stats;
my $all = $hall->sql(q{SELECT count(*) FROM hall.mt WHERE state NOT IN ('held', 'refused')});
cmp_ok($stats->{mt_received}, '>=', $all, "the SMSC has all $all messages");
cmp_ok($stats->{mt_received}, '<=', $all + 200, '… and no more again than were under way: ' . ($stats->{mt_received} - $all));
my ($rc, $out_, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out_, $err;
done_testing;
