#!/usr/bin/perl
# What schedules and series tell customers, with the sample data: who hears what in which language, once; the answer to one.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00', cap = 0});
my $local = q{(now() AT TIME ZONE 'Asia/Shanghai')};

# Runs a reminder's schedule for a moment, waits until its messages are made, and tells who has which.
sub run_at {
	my ($reminder, $moment) = @_;
	my $id = $hall->sql(qq{INSERT INTO hall.reminder_run (id, reminder, step, due)
		VALUES (gen_random_uuid(), '$reminder', 1, date_trunc('second', $moment)) RETURNING id});
	$hall->wait_until(60, sub {
		$hall->sql(qq{SELECT state FROM hall.reminder_run WHERE id = '$id'}) ne 'new' && !$hall->sql('SELECT count(*) FROM hall.reminder_row');
	}) or diag "$reminder does not run";
	is($hall->sql(qq{SELECT state || lost FROM hall.reminder_run WHERE id = '$id'}), 'ran0', "$reminder runs");
	return;
}
sub texts { my ($reminder) = @_; return {map { split /\t/, $_, 2 } $hall->sql(qq{SELECT msisdn || E'\\t' || text FROM hall.mt WHERE wording = '$reminder' OR wording LIKE '$reminder %'})} }
sub told {
	my ($reminder, $moment, %want) = @_;
	run_at($reminder, $moment);
	my $got = texts($reminder);
	is(join(' ', sort keys %$got), join(' ', sort keys %want), "… and tells " . join ' ', sort keys %want);
	like($got->{$_} // '', $want{$_}, "… what it is for: $_") for sort keys %want;
	run_at($reminder, "$moment + interval '1 minute'") if $moment ne 'now()';
	run_at($reminder, $moment) if $moment eq 'now()';
	is($hall->sql(qq{SELECT count(*) FROM hall.mt WHERE wording = '$reminder'}), scalar(keys %want), '… once');
	return;
}

# ---- the sample data, and somebody who reads English in each
$hall->sql(qq{
	INSERT INTO bss.agreement (msisdn, agreement, name_zh, name_en, starts_on, ends_on)
	VALUES ('13800138009', 'HT20240300', '手机合约', 'Handset contract', '2024-03-01', $local\::date + 27);
	INSERT INTO bss.invoice (msisdn, month, amount, due_on)
	VALUES ('13800138009', date_trunc('month', $local - interval '1 month'), 19900, $local\::date - 2);
	INSERT INTO bss.subscription (msisdn, service, since, price, ends_on, trial)
	VALUES ('13800138009', 'YXB', now() - interval '27 days', 800, $local\::date + 2, true)});
told('agreements.ending', 'now()',
	'13800138003' => qr/^您的手机合约\(HT20240118\)将于\d{4}-\d\d-\d\d到期。续约请回复1，不续回复2/,
	'13900139010' => qr/^您的代办点协议\(DL20240007\)/, '13800138009' => qr/^Your Handset contract \(HT20240300\) ends on /);
told('bills.balance_low', 'now()', '13800138001' => qr/^您的话费余额仅剩1\.20元/);
told('bills.arrears', 'now()', '13800138002' => qr/^您已欠费12\.30元/);
told('bills.invoice_due', 'now()', '13800138003' => qr/^您\d{4}年\d+月账单149\.30元，请于/);
told('bills.invoice_overdue', 'now()', '13800138009' => qr/^Your bill of .*, 199 yuan, was due on /);
told('bills.data_zero', 'now()', '13800138004' => qr/^您套餐内的1GB流量本月还没用过/);
told('bills.data_low', 'now()', map({ $_ => qr/^本月流量还剩/ } qw(13800138005 13800138007 13800138008 13900139000 13900139001)));
told('bills.data_medium', 'now()', '13800138001' => qr/仅剩340MB。加1GB可发KT LLB10/);
told('bills.data_high', 'now()', '13800138002' => qr/^本月套餐流量1GB已用完/);
told('services.service_end', 'now()', '13800138008' => qr/^您的彩信体验将于.*自动停用，不再收费。$/);
told('services.trial_end', 'now()', '13800138009' => qr/^Your free trial of Games Pack ends on .* text KT YXB then \(8 yuan a month\)\.$/);
# Today and tomorrow begin at midnight, so that it does not matter when the test runs.
my $midnight = qq{(date_trunc('day', $local) AT TIME ZONE 'Asia/Shanghai')};
told('events.today', $midnight, map({ $_ => qr/^您报名的客户开放日今天20:00在中山路营业厅开始，恭候光临。到场发QD签到。$/ } qw(13800138005 13800138007)));
told('events.tomorrow', "$midnight - interval '8 hours'", map({ $_ => qr/^提醒：您报名的客户开放日明天20:00.*QXBM KFR。$/ } qw(13800138005 13800138007)));
# One leaves the full event, the next one is told.
like($hall->answer('13800138005', 'QXBM MANYUAN'), qr/取消/, 'somebody leaves a full event');
told('events.place', 'now()', '13800138004' => qr/^好消息：您候补的满员讲座已有名额，报名成功/);
$hall->sql(qq{UPDATE bss.plan_change SET starts_on = date_trunc('month', $local)::date WHERE msisdn = '13800138005'});
told('plans.change_ahead', qq{(date_trunc('month', $local) AT TIME ZONE 'Asia/Shanghai' - interval '3 days')},
	'13800138005' => qr/^您预约的全球通138元套餐将于\d{4}-\d\d-01生效，138元\/月。/);
is($hall->sql('SELECT done FROM hall_api.plan_due(now())'), 1, 'billing puts it into force');
told('plans.changed', 'now()', '13800138005' => qr/^您的套餐已变更为全球通138元套餐，138元\/月/);

# ---- an answer
like($hall->answer('13800138003', '１'), qr/^已登记续约手机合约\(HT20240118\)/, 'an agreement is renewed by answering');
is($hall->sql(q{SELECT renew FROM bss.agreement WHERE agreement = 'HT20240118'}), 't', '… on record');

# ---- new customers: days 1, 7, 30
$hall->sql(qq{SELECT hall_api.trigger('joined', 'order $_', '$_', NULL)}) for qw(13800138004 13800138009 13700137999);
sub steps { return $hall->sql(q{SELECT count(*) FROM hall.reminder_run WHERE reminder = 'lifecycle.welcome' AND state = 'ran'}) }
ok($hall->wait_until(60, sub { $hall->sql(q{SELECT count(*) FROM hall.reminder_run WHERE reminder = 'lifecycle.welcome'}) == 9 }), 'who joins has three days to be told');
is($hall->sql(q{SELECT string_agg(DISTINCT (r.due - t.at)::text, ' ') FROM hall.reminder_run r JOIN hall.trigger t ON t.id = r.trigger WHERE r.reminder = 'lifecycle.welcome'}),
	'1 day 30 days 7 days', '… after 1, 7, 30');
$hall->sql(q{UPDATE hall.reminder_run SET due = date_trunc('second', now()) - (4 - step) * interval '1 minute' WHERE reminder = 'lifecycle.welcome'});
ok($hall->wait_until(60, sub { steps() == 9 && !$hall->sql('SELECT count(*) FROM hall.reminder_row') }), 'when they have come');
is_deeply([ map { s/(.{12}).*/$1/r } $hall->sql(q{SELECT text FROM hall.mt WHERE cause = 'reminder' AND msisdn = '13800138004' AND wording LIKE 'lifecycle.welcome%' ORDER BY at}) ],
	[ '欢迎使用长者19元套餐。', '用了一周还习惯吗？套餐含', '入网满月！首月账单已可查' ], '… each has its text') or diag $hall->sql(q{SELECT text FROM hall.mt WHERE msisdn = '13800138004' ORDER BY at});
like(join(' ', $hall->sql(q{SELECT text FROM hall.mt WHERE msisdn = '13800138009' AND wording LIKE 'lifecycle.welcome%' ORDER BY at})), qr/^Welcome to GoTone 138.*Your plan has 60GB.*A month with us/, '… in English');
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn = '13700137999'}), 0, '… and who has left is told nothing');

# ---- dormant ones
$hall->sql(q{INSERT INTO bss.subscriber (msisdn, brand, province, plan, plan_since)
	SELECT '135' || lpad(n::text, 8, '0'), 'gotone', 'js', 'CX58', '2025-01-01' FROM generate_series(1, 3000) AS n;
	INSERT INTO hall.consent (msisdn, class, state, at)
	SELECT '135' || lpad(n::text, 8, '0'), 'commercial', CASE WHEN n <= 2900 THEN 'in' ELSE 'out' END, '2025-01-01' FROM generate_series(1, 3000) AS n;
	INSERT INTO hall.contact_elsewhere (msisdn, at, id, channel)
	SELECT '135' || lpad(n::text, 8, '0'), now() - interval '10 days', gen_random_uuid(), 'app' FROM generate_series(1, 1000) AS n});
# The days after the 28th have nobody: the run of some days before.
my $day = qq{(now() - greatest(extract(day FROM $local)::integer - 28, 0) * interval '1 day')};
run_at('lifecycle.dormant', $day);
my $n = $hall->sql(q{SELECT count(*) FROM hall.mt WHERE wording = 'lifecycle.dormant'});
ok($n > 30 && $n < 120, "about one in 28 of 1900 has his day: $n");
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE wording = 'lifecycle.dormant' AND (msisdn <= '13500001000' OR msisdn > '13500002900')}), 0, '… nobody who was heard of, or said no');
is($hall->sql(q{SELECT bool_and(port = '1008688' AND text LIKE '%回TD退订') FROM hall.mt WHERE wording = 'lifecycle.dormant' AND why IS DISTINCT FROM 'control'}), 't', '… each with how to have no more, from the port of offers');
is($hall->sql(q{SELECT count(*) || ' ' || bool_and(e.control = (m.why = 'control')) FROM hall.exposure e JOIN hall.mt m USING (msisdn, id) WHERE e.name = 'lifecycle.dormant'}),
	"$n true", '… all on record for attribution') or diag $hall->sql(q{SELECT count(*) || min(name) FROM hall.exposure});

is(join(' ', $hall->sql(q{SELECT DISTINCT wording FROM hall.mt WHERE cause = 'reminder' AND segments > 1})), '', 'each message is one segment');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
