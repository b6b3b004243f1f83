#!/usr/bin/perl
# What follows from a trigger: later, in a series, level by level until somebody takes it over, with an answer that goes to a
# command, with a control group, by the thousand with smsd killed in the middle; what fails hurts no other; and all of it at once.
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
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00', cap = 0});
$hall->sql(Hall::slurp("$FindBin::Bin/tables/runs.sql"));
$hall->apply('runs.yaml' => Hall::slurp("$FindBin::Bin/tables/runs.yaml"));

sub trigger {
	my ($name, $key, $who, $data) = @_;
	$data //= '{}';
	return $hall->sql(qq{SELECT outcome FROM hall_api.trigger('$name', '$key', '$who', '$data')});
}
sub runs {
	my ($reminder) = @_;
	return join ' ', $hall->sql("SELECT step || ':' || state || ':' || rows FROM hall.reminder_run WHERE reminder = 'runs.$reminder' ORDER BY due, step");
}
sub ran { my ($reminder, $want) = @_; return $hall->wait_until(40, sub { runs($reminder) eq $want }) }

# ---- later, and in steps
my $a = '13700000100';
my $la = $hall->ear($a);
is(trigger('joined', 'j1', $a), 'ok', 'something is reported');
is(trigger('left', 'l1', '13700000110', '{"lang": "en"}'), 'ok', '… and something else');
like($la->heard(20), qr/^第一步j1$/, 'a series: the first step');
like($la->heard(20), qr/^第二步2$/, '… and the second, by its own text');
ok(ran('first_days', '1:ran:1 2:ran:1 3:new:0'), '… the third is to come') or diag runs('first_days');
is($hall->sql(q{SELECT (max(due) - min(due))::text FROM hall.reminder_run WHERE reminder = 'runs.first_days'}), '29 days 23:59:59', '… a month after');
ok($hall->wait_until(20, sub { $hall->sql(q{SELECT text FROM hall.mt WHERE msisdn = '13700000110'} ) // '' eq 'late' }), 'one later message, in English');
is($hall->sql(q{SELECT r.due - t.at FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE r.reminder = 'runs.later'}), '00:00:02', '… so long after');
is($hall->sql(q{SELECT bool_and(m.cause_id = t.id) FROM hall.mt m JOIN hall.trigger t ON t.msisdn = m.msisdn WHERE m.msisdn = '13700000110'}), 't', '… and its row tells the trigger');

# ---- at once: each is reported right after the last one was seen, when whoever only looks now and then has just looked
sub seen_after {
	my ($key) = @_;
	trigger('left', $key, '13700000111');
	my $began = time;
	$hall->wait_until(40, sub { $hall->sql("SELECT state FROM hall.trigger WHERE key = '$key'") eq 'done' }) or return 40;
	return time - $began;
}
seen_after('l2');
my $soonest = 40;
for (my $i = 3; $i < 13 && $soonest > 1; $i++) {
	my $took = seen_after("l$i");
	$soonest = $took if $took < $soonest;
}
cmp_ok($soonest, '<=', 1, 'what is reported is seen at once');

# ---- level by level
my ($b1, $b2) = ('13700000200', '13700000201');
my ($l1, $l2) = map { $hall->ear($_) } $b1, $b2;
trigger('outage', 'o1', $b1);
like($l1->heard(20), qr/^告警o1第1级/, 'an escalation: the first level is told');
like($l2->heard(20), qr/^告警o1第2级/, '… nobody did anything: the second');
like($hall->answer($b2, 'DONE'), qr/^已受理$/, '… who takes it over by an answer');
is($hall->sql(q{SELECT matter || ' ' || said || ' ' || msisdn FROM bss.runs_mark}), "o1 DONE $b2", '… which knows what it is about');
ok(ran('alarm', '1:ran:1 2:ran:1 3:ran:0'), '… so the third is not told') or diag runs('alarm');
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn = '13700000202'}), 0, '… nothing is sent to it');
trigger('outage', 'o2', '13700000205');
ok($hall->wait_until(40, sub { 5 == (() = runs('alarm') =~ /:ran:1/g) }), 'an escalation that nobody stops') or diag runs('alarm');
is($hall->sql(q{SELECT string_agg(msisdn, ' ' ORDER BY msisdn) FROM hall.mt WHERE msisdn BETWEEN '13700000205' AND '13700000209' AND cause = 'reminder'}),
	'13700000205 13700000206 13700000207', '… has each level once, and ends');
is($hall->sql(q{SELECT count(*) FROM hall.reminder_run WHERE reminder = 'runs.alarm' AND state = 'new'}), 0, '… with no further one');

# ---- an answer that goes to a command
my $c = '13700000300';
my $lc = $hall->ear($c);
$hall->sql(q{UPDATE hall.message_class SET opens = (now() AT TIME ZONE 'Asia/Shanghai')::time + interval '2 hours',
	closes = (now() AT TIME ZONE 'Asia/Shanghai')::time + interval '3 hours' WHERE class = 'notice'});
trigger('served', 's1', $c);
ok($hall->wait_until(20, sub { ($hall->sql("SELECT state || ' ' || why FROM hall.mt WHERE msisdn = '$c'") // '') eq 'held hours' }), 'a survey is held over night');
unlike($hall->answer($c, '5'), qr/谢谢/, '… its answer means nothing yet');
$lc->heard(1);
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'; UPDATE hall.held SET due = now()});
like($lc->heard(20), qr/^请为s1打分/, 'then it is sent');
like($hall->answer($c, 'YE'), qr/余额|没有/, 'another command may come between');
unlike($hall->answer($c, '7'), qr/谢谢/, 'what is no mark is none');
like($hall->answer($c, '５'), qr/^谢谢$/, 'the answer goes to its command');
is($hall->sql(q{SELECT said || ' ' || msisdn FROM bss.runs_mark WHERE matter = 's1'}), "5 $c", '… with what it is about');
unlike($hall->answer($c, '4'), qr/谢谢/, '… once');
my $d = '13700000310';
my $ld = $hall->ear($d);
for my $matter (qw(s3 s4)) {
	trigger('served', $matter, $d);
	ok($ld->expect(qr/请为${matter}打分/, 20), "another customer is asked about $matter");
}
like($hall->answer($d, '3'), qr/^谢谢$/, '… and answers');
is($hall->sql(q{SELECT matter || ' ' || said FROM bss.runs_mark WHERE matter IN ('s3', 's4')}), 's4 3', '… the newest');
unlike($hall->answer($d, '3'), qr/谢谢/, '… and not the older one when he says it twice');
trigger('served', 's2', $c);
ok($lc->expect(qr/请为s2打分/, 20), 'another one');
like($hall->answer($c, 'TD'), qr/./, '… whose answer is that he wants none');
is($hall->sql(qq{SELECT state FROM hall.consent WHERE msisdn = '$c' LIMIT 1}), 'out', '… is heard as that');

# ---- not for long
my $u = '13700000400';
$hall->sql(q{UPDATE hall.message_class SET opens = (now() AT TIME ZONE 'Asia/Shanghai')::time + interval '2 hours',
	closes = (now() AT TIME ZONE 'Asia/Shanghai')::time + interval '3 hours' WHERE class = 'notice'});
trigger('today', 't1', $u);
ok($hall->wait_until(20, sub { ($hall->sql("SELECT state || ' ' || why FROM hall.mt WHERE msisdn = '$u'") // '') eq 'refused expired' }),
	'what makes no sense any more when it might be sent never is');
is($hall->sql("SELECT until - at FROM hall.mt WHERE msisdn = '$u'"), '00:00:02', '… it says until when it did');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});

# ---- the control group
sub control { return $hall->sql(qq{SELECT string_agg(msisdn, ' ' ORDER BY msisdn) FROM hall.mt WHERE state = 'refused' AND why = 'control' AND cause_id = (SELECT id FROM hall.trigger WHERE key = '$_[0]')}) }
trigger('offer', 'f1', '13700001000', '{"n": 100}');
ok($hall->wait_until(30, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE wording = 'runs.shared'}) == 100 }), 'a hundred, half of them for control');
my $control = control('f1');
my $size = () = $control =~ /\d+/g;
ok($size > 25 && $size < 75, "… about half are never sent it: $size");
is($hall->sql(q{SELECT string_agg(e.msisdn, ' ' ORDER BY e.msisdn) FILTER (WHERE e.control) || ' ' || count(*) || min(e.target) FROM hall.exposure e WHERE source = 'reminder' AND name = 'runs.shared'}),
	"$control 100app", '… who was steered to the app, and who was not, is on record');
trigger('offer', 'f2', '13700001000', '{"n": 100}');
ok($hall->wait_until(30, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE wording = 'runs.shared'}) == 200 }), 'again');
is(control('f2'), $control, '… it is the same half');

# ---- what fails
trigger('left', 'bad1', '13700000500', '{"divide": 0}');
trigger('left', 'good1', '13700000501');
ok($hall->wait_until(30, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn = '13700000501'}) == 1 }), 'SQL that fails for one trigger hurts no other');
ok($hall->wait_until(30, sub { ($hall->sql(q{SELECT r.state || ' ' || r.why FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE t.key = 'bad1'}) // '') =~ /^failed .*division/ }),
	'… and its run says why');
trigger('flood', 'bad2', '13700000600', '{"n": 5, "bad": 3}');
ok($hall->wait_until(30, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn BETWEEN '13700000600' AND '13700000604'}) == 4 }), 'a row that names nobody hurts no other');
is($hall->sql(q{SELECT r.rows || ' ' || r.lost || ' ' || r.why FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE t.key = 'bad2'}), '5 1 its msisdn is none', '… and is counted');

# ---- very many, and killed in between
my $n = 6000;
trigger('flood', 'many1', '13710000000', qq{{"n": $n}});
for my $part (1, 3) {
	$hall->wait_until(60, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1371000%'}) >= $n / 6 * $part });
	$hall->kill('smsd');
	$hall->start('smsd');
	ok($hall->ready(60), "smsd was killed among $n messages");
}
ok($hall->wait_until(120, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1371000%'}) == $n && !$hall->sql('SELECT count(*) FROM hall.reminder_row') }),
	'all became messages');
is($hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) || ' ' || count(DISTINCT text) FROM hall.mt WHERE msisdn LIKE '1371000%'}), "$n $n $n", '… each once, with its own text');
is($hall->sql(q{SELECT r.rows || ' ' || r.lost FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE t.key = 'many1'}), "$n 0", '… of one run');
trigger('flood', 'many2', '13710000000', '{"n": 50}');
ok($hall->wait_until(30, sub { $hall->sql(q{SELECT count(*) FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE t.key = 'many2' AND r.state = 'ran'}) && !$hall->sql('SELECT count(*) FROM hall.reminder_row') }),
	'the same again within the week');
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1371000%'}), $n, '… is told to nobody');

# ---- tables change
$hall->sql(q{INSERT INTO hall.trigger (id, name, key, data, at) VALUES (gen_random_uuid(), 'nobody_asks', 'n1', '{}', now() - interval '2 days')});
$hall->apply('runs.yaml' => Hall::slurp("$FindBin::Bin/tables/runs.yaml") =~ s/^      - \{after: 30d.*\n//mr);
$hall->sql(q{UPDATE hall.reminder_run SET due = now() WHERE reminder = 'runs.first_days' AND step = 3});
ok($hall->wait_until(30, sub { runs('first_days') =~ /3:ignored:0/ }), 'a step that the tables have no more is ignored');
$hall->kill('smsd');
$hall->start('smsd');
ok($hall->wait_until(60, sub { $hall->sql(q{SELECT state FROM hall.trigger WHERE key = 'n1'}) eq 'ignored' }), 'so is a trigger that nobody asks for, after a day');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
