#!/usr/bin/perl
# tips.t - tips through the gateway: who is shown one, who is not and why, what is noted of both, and what `smsctl steer` says of it.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

# Each command has a group of its own, so that a text says which tip is meant.
my @tips = (
	[steer => 'A', 'cap: 1 per 7 days, steers: app, control: 50%'],
	[plain => 'B', 'cap: 1 per 7 days, control: 50%'],
	[always => 'C', 'steers: web'],
	[gold => 'D', 'who: {brands: [gotone]}, steers: app, control: 0%'],
	[past => 'E', 'valid: {until: 2020-01-01}'],
	[listed => 'F', 'who: {list: vip}'],
);
my $commands = join '', map { my ($name, $letter) = @$_; <<"EOC" } @tips;
  $name:
    about: Says something
    say: ["念$letter"]
    risk: query
    sql: SELECT 'ok' AS outcome
    tip: $name
    reply: {ok: {zh: "念了", en: "said"}, none: {zh: "无", en: "none"}}
    examples: [{text: "念$letter", from: "13800138000", expect: ok}]
EOC
my $tips = join '', map { "  $_->[0]: {for: [$_->[0]], text: {zh: 试$_->[1], en: Try $_->[1]}, $_->[2]}\n" } @tips;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->apply('saying.yaml' => "table: saying\nscope: group\nports: [\"10086\"]\ncommands:\n${commands}tips:\n$tips");
sub seen { my ($number, $letter) = @_; return $hall->answer($number, "念$letter") =~ /试$letter|Try $letter/ ? 1 : 0 }
sub exposures {
	my ($number) = @_;
	return scalar $hall->sql("SELECT coalesce(string_agg(source || ' ' || name || ' ' || target || ' ' || control, ', ' ORDER BY name, at), '')
		FROM hall.exposure WHERE msisdn = '$number'");
}

# Told and not told.  Which group a number is in follows from it alone.
my @numbers = map { sprintf '13300000%03d', $_ } 1 .. 12;
my %told = map { $_ => seen($_, 'A') } @numbers;
my ($told) = grep { $told{$_} } @numbers;
my ($control) = grep { !$told{$_} } @numbers;
ok($told && $control, 'some of twelve are told, and some are not');
is_deeply({map { $_ => exposures($_) } @numbers},
	{map { $_ => 'tip steer app ' . ($told{$_} ? 'false' : 'true') } @numbers}, 'each is noted, in his group');
is($hall->sql("SELECT count(*) FROM hall.exposure e JOIN hall.mt m USING (msisdn, at, id) WHERE m.tip IS NOT DISTINCT FROM
	CASE WHEN NOT e.control THEN e.name END AND e.version = (SELECT id FROM hall.table_version WHERE state = 'active')"), 12,
	'… with the answer in which it rode, or did not, and the version of the tables');
is(seen($told, 'A'), 0, 'once in seven days');
is(seen($control, 'A'), 0, 'the control group never');
is(exposures($control), 'tip steer app true', '… whose count goes on as if it had seen it');
$hall->sql('DELETE FROM hall.tip_seen');
$hall->sql("UPDATE hall.mt SET tip = NULL");
is_deeply({map { $_ => seen($_, 'A') } $told, $control}, {$told => 1, $control => 0}, 'whenever it is shown again: the same ones');

# What steers nowhere is not noted.
seen($_, 'B') for @numbers[0 .. 3];
is($hall->sql("SELECT count(*) FROM hall.exposure WHERE name = 'plain'"), 0, 'a tip that steers nowhere leaves no exposure');

# Tips and commercial messages share one cap: 3 in 7 days.
my $often = '13300000101';
is_deeply([map { seen($often, 'C') } 1 .. 5], [1, 1, 1, 0, 0], 'three tips in seven days, of whichever sort');
is($hall->sql("SELECT count(*) FROM hall.exposure WHERE msisdn = '$often'"), 3, 'what was not shown is not noted');
my $ads = '13300000102';
$hall->sql("INSERT INTO hall.consent (msisdn, class, state, at) VALUES ('$ads', 'commercial', 'in', now() - interval '9 days'),
	('13300000103', 'commercial', 'in', now() - interval '30 days')");
$hall->sql("INSERT INTO hall.mt (msisdn, at, id, class, cause, port, receiver, text, segments, report, state, instance, conn, batch)
	SELECT '$ads', now() - n * interval '1 day', gen_random_uuid(), 'commercial', 'blast', '1008688', '$ads', 'x', 1, true, 'delivered', '-', 0,
		(extract(epoch FROM now() - n * interval '1 day') * 1000000)::bigint FROM generate_series(1, 2) n");
is_deeply([map { seen($ads, 'C') } 1 .. 2], [1, 0], 'two blasts leave room for one');
my $old = '13300000103';
$hall->sql("INSERT INTO hall.mt (msisdn, at, id, class, cause, port, receiver, text, segments, report, state, instance, conn, batch)
	SELECT '$old', now() - n * interval '8 days', gen_random_uuid(), 'commercial', 'blast', '1008688', '$old', 'x', 1, true, 'delivered', '-', 0,
		(extract(epoch FROM now() - n * interval '8 days') * 1000000)::bigint FROM generate_series(1, 3) n");
is(seen($old, 'C'), 1, 'what is eight days old counts no more');
$hall->sql("UPDATE hall.message_class SET cap = 0 WHERE class = 'commercial'");
is(seen($often, 'C'), 1, 'without a cap, any number');
$hall->sql("UPDATE hall.message_class SET cap = 3 WHERE class = 'commercial'");

is($hall->sql("SELECT count(*) FROM hall.tip_seen WHERE msisdn = '$often' AND cardinality(shown_at) = 4"), 1,
	'a tip without a cap of its own is remembered for the cap of all');

# Who wants no recommendations.
my $shy = '13800138001';
is(seen($shy, 'C'), 1, 'a customer sees tips');
$hall->ask($shy, 'QXTJ');
is(seen($shy, 'C'), 0, 'until he wants no recommendations');
$hall->ask($shy, 'KTTJ');
is(seen($shy, 'C'), 1, 'and again when he wants them');
$hall->ask($shy, 'TD');
is(seen($shy, 'C'), 0, 'who wants nothing at all sees none');

# Audience.
my ($gold, $other) = map {
	scalar $hall->sql("SELECT msisdn FROM hall_api.profile(ARRAY(SELECT s.msisdn FROM bss.subscriber s WHERE s.msisdn <> '$shy'))
		WHERE brand $_ 'gotone' ORDER BY msisdn LIMIT 1")
} '=', '<>';
is_deeply([seen($gold, 'D'), seen($other, 'D')], [1, 0], 'a tip for one brand');
is(seen($gold, 'E'), 0, 'one that is over');
is(seen($other, 'F'), 0, 'one for a list');
$hall->sql("INSERT INTO hall.number_list (msisdn, list) VALUES ('$other', 'vip')");
is(seen($other, 'F'), 1, '… for who is on it');

# What `try` says.
like(($hall->smsctl('try', '13300000201', '念C'))[1], qr/^tip +always$/m, 'try: the tip');
$hall->sql('DELETE FROM hall.tip_seen');
$hall->sql("UPDATE hall.mt SET tip = NULL");
like(($hall->smsctl('try', $control, '念A'))[1], qr/^withheld +steer$/m, 'try: the one withheld from the control group');
unlike(($hall->smsctl('try', $shy, '念C'))[1], qr/^tip/m, 'try: none for who wants none');

# What it brings.  1000 were told sixty days ago, of whom 100 came, and 200 were not, of whom 8 came; one more had been there before.
$hall->sql("DELETE FROM hall.exposure; DELETE FROM hall.contact_elsewhere; DELETE FROM hall.mo");
$hall->sql("INSERT INTO hall.exposure (msisdn, at, id, source, name, version, target, control)
	SELECT '134' || lpad(n::text, 8, '0'), now() - interval '60 days', gen_random_uuid(), 'tip', 'steer', 1, 'app', n > 1000
	FROM generate_series(0, 1200) n");
is($hall->sql("WITH u AS (SELECT n FROM generate_series(0, 1200) n WHERE n % 10 = 0 AND n <= 1000 OR n > 1192),
	a AS (SELECT array_agg('134' || lpad(n::text, 8, '0')) AS who, array_agg(text 'app') AS channel, array_agg(text 'plan') AS what,
		array_agg('u' || n) AS key, array_agg(now() - interval '60 days' + CASE n WHEN 0 THEN -1 ELSE 1 END * interval '1 day') AS at FROM u)
	SELECT count(*) FROM a, hall_api.contacts(a.who, a.channel, a.what, a.key, a.at) AS c WHERE c.outcome = 'ok'"), 109, 'other channels report uses');
my ($status, $out, $err) = $hall->smsctl('steer', 'report');
is($status, 0, 'steer report');
like($out, qr/^tip +steer +app +all +7 +1000 +100 \(10\.0%\) +200 +8 \(4\.0%\) +brings them: \+6\.0 points \(\+1\.9 to \+8\.8\)$/m, 'in words')
	or diag $out;
like($out, qr/^tip +steer +app +1 +30 +1000 /m, '… by version');
like($out, qr/^1 are left out: they had used the channel before$/m, '… and who is left out');
($status, $out) = $hall->smsctl('steer', 'report', '--source=tip', '--name=steer', '--from=90d', '--json');
like($out, qr/"version": null, "days": 7, "told": 1000, "told_used": 100, "told_share": 10, "control": 200, "control_used": 8, "control_share": 4, "verdict": "more", "lift": 6, /,
	'as JSON');
($status, $out) = $hall->smsctl('steer', 'report', '--from=30d');
like($out, qr/^nobody was told of a channel in that time/, 'nobody since then');
$hall->sql("INSERT INTO hall.exposure (msisdn, at, id, source, name, version, target, control)
	VALUES ('13400009999', now(), gen_random_uuid(), 'tip', 'fresh', 1, 'app', false)");
($status, $out) = $hall->smsctl('steer', 'report', '--name=fresh');
like($out, qr/^tip +fresh +app +all +30 +0 +0 +0 +0 +too early to tell$/m, 'what nobody can know yet is no lack of a control group') or diag $out;
($status, $out, $err) = $hall->smsctl('steer', 'report', '--source=tips');
is($status, 2, 'a wrong source is a wrong command line');
like($err, qr/"tips" is none \(tip, reminder, blast\)/, '… and told');
($status, $out, $err) = $hall->smsctl('steer', 'channels', '--from=soon');
is($status, 2, 'a wrong time as well');
is(($hall->smsctl('steer', @$_))[0], 2, "usage: steer @$_") for [], ['raport'], ['staff', '--name=x'], ['report', '--business'];

# How the channels share the business.
$hall->ask('13800138000', 'YE');
$hall->sql("SELECT hall_api.contact('13800138000', 'counter', 'plan', 'c' || n, now()) FROM generate_series(1, 3) n");
$hall->sql("SELECT hall_api.contact('13800138000', 'counter', 'recharge', 'r' || n, now()) FROM generate_series(1, 5) n");
$hall->sql("SELECT hall_api.contact('13800138000', 'app', 'plan', 'a', now())");
($status, $out) = $hall->smsctl('steer', 'channels', '--from=1h');
like($out, qr/^counter +8 +3 +75\.0$/m, 'a recharge is a use and no transaction') or diag $out;
like($out, qr/^app +1 +1 +25\.0$/m, '… by the app');
like($out, qr/^sms +1 +0 +0\.0$/m, '… and a balance by text neither');
like($out, qr/^25\.0 % of the transactions were done without counter and hotline/m, '… together');
($status, $out) = $hall->smsctl('steer', 'channels', '--from=1h', '--business');
like($out, qr/^counter +recharge +5 +0 /m, 'by business');
($status, $out) = $hall->smsctl('steer', 'channels', '--from=1h', '--json');
like($out, qr/"channel": "app", "business": null, "uses": 1, "transactions": 1, "share": 25\.0/, 'as JSON');

# Whom customers named.
($status, $out) = $hall->smsctl('steer', 'staff');
like($out, qr/^no customer named anybody in that time$/m, 'nobody was named');
my $staff = $hall->sql("SELECT code FROM bss.staff WHERE active AND msisdn <> '13800138000' ORDER BY code LIMIT 1");
$hall->sql("INSERT INTO bss.staff_point (msisdn, ref, what, staff, points, at, id)
	VALUES ('13800138000', gen_random_uuid(), 'service', '$staff', 1, now(), gen_random_uuid())");
$hall->sql(q{DELETE FROM hall.exposure WHERE msisdn = '13800138000'});	# which tip rode in his answer is drawn
($status, $out) = $hall->smsctl('steer', 'staff', '--json');
like($out, qr/"staff": "$staff", "hall": "[^"]+", "points": 1, "entries": 1, "customers": 1, "told": 0/, 'who was, with his points');
done_testing;
