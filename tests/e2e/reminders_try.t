#!/usr/bin/perl
# `smsctl remind`: what there is, what one would do and why not; and that trying changes nothing.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use JSON::PP;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00' WHERE class = 'service'; UPDATE hall.message_class SET opens = '08:00', closes = '21:00' WHERE class = 'notice'});
$hall->sql(Hall::slurp("$FindBin::Bin/tables/runs.sql"));
my $tables = Hall::slurp("$FindBin::Bin/tables/runs.yaml");
$hall->apply('runs.yaml' => $tables);
$hall->sql(q{INSERT INTO bss.runs_who VALUES ('daily', '13700000001'), ('daily', '13700000002')});

sub remind { return $hall->smsctl('remind', @_) }
sub tried {
	my ($status, $out, $err) = remind('try', '--json', @_);
	is($status, 0, "try @_") or diag $err;
	return decode_json(Encode::encode('UTF-8', $out));
}
sub all { return join ' ', $hall->sql(q{SELECT (SELECT count(*) FROM hall.trigger) || '|' || (SELECT count(*) FROM hall.mt) || '|' || (SELECT count(*) FROM hall.held)
	|| '|' || (SELECT count(*) FROM hall.reminder_run) || '|' || (SELECT count(*) FROM hall.reminder_row) || '|' || (SELECT count(*) FROM hall.reminder_sent)
	|| '|' || (SELECT count(*) FROM hall.opens) || '|' || (SELECT count(*) FROM hall.exposure)}) }
sub picked { my ($rows, @key) = @_; return join '; ', map { my $r = $_; join ' ', map { $r->{$_} // '-' } @key } @$rows }

my $before = all();
# ---- a trigger that is made up
my $rows = tried('first_days', '--number', '13700000100', '--now', '2026-11-22 12:00');
is(picked($rows, qw(step at msisdn verdict lang segments)), '1 2026-11-22 12:00 137****0100 sends zh 1; 2 2026-11-22 12:00 137****0100 sends zh 1; 3 2026-12-22 12:00 137****0100 sends zh 1',
	'a series: each step with its time, masked');
like($rows->[0]{text}, qr/^第一步smsctl remind try/, '… its text');
is($rows->[1]{text}, '第二步2', '… by step');
$rows = tried('runs.survey', '--number', '13700000100', '--trigger', '{"lang": "en"}', '--now', '2026-11-22 12:00');
is(picked($rows, qw(verdict why until lang opens)), 'sends - 2026-11-25 12:00 en runs.mark', 'its data; what its answer goes to; until when it makes sense');
$rows = tried('survey', '--number', '13700000100', '--now', '2026-11-22 23:00');
is(picked($rows, qw(verdict why until)), 'holds hours 2026-11-23 08:00', 'what would wait, and until when');
$hall->sql(q{INSERT INTO hall.number_list (msisdn, list) VALUES ('13700000101', 'block')});
$rows = tried('alarm', '--number', '13700000100', '--now', '2026-11-22 12:00');
is(picked($rows, qw(step at msisdn verdict why)),
	'1 2026-11-22 12:00 137****0100 sends -; 2 2026-11-22 12:00 137****0101 refuses blocked; 3 2026-11-22 12:00 137****0102 sends -', 'each level; who would not, and why');
$rows = tried('alarm', '--number', '13700000100', '--step', '3');
is(picked($rows, qw(step msisdn)), '3 137****0102', 'one level alone');
$rows = tried('many', '--number', '13700000100', '--trigger', '{"n": 3, "bad": 2}');
is(picked($rows, qw(msisdn verdict why)) =~ s/\S+ refuses/x refuses/r, '137****0100 sends -; x refuses its msisdn is none; 137****0102 sends -', 'a number that is none');
$hall->sql(q{INSERT INTO hall.reminder_sent VALUES ('runs.many', '13700000300', '13700000300', now())});
$before = all();
$rows = tried('many', '--number', '13700000300', '--trigger', '{"n": 2}');
is(picked($rows, qw(msisdn verdict why)), '137****0300 spares once_per: was told; 137****0301 sends -', 'once_per');
$rows = tried('shared', '--number', '13700001000', '--trigger', '{"n": 100}');
my $control = grep { ($_->{why} // '') eq 'control' && $_->{verdict} eq 'spares' } @$rows;
ok($control > 25 && $control < 75, "the control group: $control of 100");
is($rows->[0]{steers}, 'app', 'the channel that it steers to');
my ($status, $out, $err) = remind('try', 'shared', '--number', '13700001000', '--trigger', '{"n": 100}', '--limit', '5');
like($out, qr/^100 messages: \d+ would go, 0 would be held, 0 refused, $control spared; the first 5 are shown; nothing was sent$/m, 'the sum');
is(scalar(() = $out =~ /试试APP/g), 5, 'as many as are wanted');
unlike($out, qr/13700001/, '… masked');

# ---- a schedule
$rows = tried('daily');
like(picked($rows, qw(at msisdn)), qr/^(\S+ 03:30) 137\*{4}0001; \1 137\*{4}0002$/, 'a schedule as of its next moment');
$rows = tried('daily', '--now', '2026-11-22 03:30', '--number', '13700000002');
is(picked($rows, qw(at msisdn text)), '2026-11-22 03:30 137****0002 每日2026-11-22 03:30', '… as of another, for one');
($status, $out) = remind('try', 'daily', '--number', '13700000003');
like($out, qr/gives no row for this number/, '… who is not among them');

# ---- one that was reported
is(all(), $before, 'none of it changed anything');
$hall->sql(q{SELECT hall_api.trigger('joined', 'k1', '13700000110', '{"lang": "en"}')});
ok($hall->wait_until(30, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn = '13700000110' AND state NOT IN ('held', 'refused')}) == 2 }), 'a trigger is reported');
$before = all();
$rows = tried('first_days', '--key', 'k1', '--step', '2');
is(picked($rows, qw(lang text)), 'en step two', 'it is tried again');
is(all(), $before, '… and changes nothing');

# ---- tables that are not in force
$rows = tried('first_days', '--number', '13700000100', '--step', '1', '--tables', $hall->tables_dir('runs.yaml' => $tables =~ s/第一步/首先/r));
like($rows->[0]{text}, qr/^首先/, 'tables of a folder');

# ---- what is wrong
for my $wrong (
	[qr/there is no reminder 'first_day' \(did you mean 'first_days'\?\)/, 'try', 'first_day'],
	[qr/waits for the trigger joined \(say what it reports/, 'try', 'first_days'],
	[qr/no trigger joined with the key 'k2' was reported/, 'try', 'first_days', '--key', 'k2'],
	[qr/runs by schedule and has no trigger/, 'try', 'daily', '--key', 'k1'],
	[qr/has no step 4 \(there are 3\)/, 'try', 'first_days', '--number', '13700000100', '--step', '4'],
	[qr/invalid input syntax for type json/, 'try', 'first_days', '--trigger', '{'],
	[qr/'soon' is no time/, 'try', 'daily', '--now', 'soon'],
	[qr/the SQL of runs\.later: .*division/, 'try', 'later', '--number', '13700000100', '--trigger', '{"divide": 0}']) {
	my ($re, @arg) = @$wrong;
	($status, $out, $err) = remind(@arg);
	is($status, 1, "refused: @arg");
	like($err, $re, '… and why');
}
for my $usage (['try'], ['lst'], ['list', 'x'], ['try', 'daily', '--step', 'x'], ['try', 'first_days', '--key', 'k', '--trigger', '{}']) {
	($status) = remind(@$usage);
	is($status, 2, "usage: @$usage");
}

# ---- the list
($status, $out) = remind('list', '--json');
is($status, 0, 'list');
my %of = map { $_->{reminder} => $_ } @{decode_json(Encode::encode('UTF-8', $out))};
is(picked([$of{'runs.first_days'}], qw(when class planned failed waiting sent refused control about)), 'on joined service 1 0 0 2 0 0 A series', 'a trigger: its runs and messages');
is($of{'runs.first_days'}{next} =~ /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/ && $of{'runs.first_days'}{last} =~ /Z$/, 1, '… the next one, and the last');
is(picked([$of{'runs.daily'}], qw(when planned)), 'every 30 3 * * * Asia/Shanghai 0', 'a schedule');
like($of{'runs.daily'}{next}, qr/T19:30:00Z$/, '… and when it is due');
($status, $out) = remind('list');
like($out, qr/^runs\.daily +every 30 3 \* \* \* Asia\/Shanghai +service +\S+ 03:30/m, 'as a table');
done_testing;
